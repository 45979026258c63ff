/** How much more work eight times as long an input takes. */
export interface Growth {
  /** 8 where the work grows with the input, 64 where it grows with the input's square. */
  readonly ratio: number;
  /** What was measured, for who reads that a test has failed. */
  readonly figures: string;
}

/** Between the two, with room for what a garbage collector and a cache do. */
export const MOST_GROWTH = 28;

/** The longer input of {@link growthOf}, in characters. */
const LONG = 32_000;

/** Below that a clock says nothing, and the work is none to speak of. */
const LEAST_MS = 1;

/**
 * What else the process and the machine do only adds to a measurement, so that the least of several is the truth: as
 * many are taken as it takes to come below the bound, and a square comes below it with none.
 */
const MOST_MEASUREMENTS = 16;

/**
 * Compares the work for an input with that for one eight times as long, in processor time of this process. Says nothing of
 * seconds, which are the machine's.
 *
 * @param work done once for nothing first, as the first time is the compiler's.
 * @param inputOf makes an input of about so many characters.
 * @param longLength the length of the longer input, in characters; the other has an eighth.
 */
export async function growthOf<Input>(
  work: (input: Input) => unknown,
  inputOf: (length: number) => Input,
  longLength: number = LONG,
): Promise<Growth> {
  const [short, long] = [inputOf(longLength / 8), inputOf(longLength)];
  await work(short);
  let shortMs = Number.POSITIVE_INFINITY;
  for (let taken = 0; taken < 4; taken++) shortMs = Math.min(shortMs, await cpuMs(() => work(short)));
  shortMs = Math.max(LEAST_MS, shortMs);
  let longMs = Number.POSITIVE_INFINITY;
  for (let taken = 0; taken < MOST_MEASUREMENTS && longMs / shortMs >= MOST_GROWTH; taken++)
    longMs = Math.min(longMs, await cpuMs(() => work(long)));
  return { ratio: longMs / shortMs, figures: `${shortMs.toFixed(1)} ms, then ${longMs.toFixed(1)} ms` };
}

async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
