import { processGlobal } from "@openhouse/web/process-global";

/** How long another process's answer that is not stored counts as under way, in milliseconds. */
export const PATIENCE_MS = 30_000;

interface Known {
  underWay: Set<string>;
  /** Those that this process could not store: nobody needs to wait for them. */
  lost: Set<string>;
}

const { underWay, lost } = processGlobal<Known>("tenant-portal/answers-under-way", () => ({
  underWay: new Set(),
  lost: new Set(),
}));

/** One answer in the making. */
export interface AnswerUnderWay {
  /** How long to wait for whoever else may be making it, in milliseconds: not at all, where this process was and failed. */
  readonly patienceMs: number;
  /** From now on the same question may be answered again. May be called twice. */
  over(how: "settled" | "lost"): void;
}

/**
 * Notes that a question is being answered. Within a process this is exact; between processes the database decides, by
 * the question's age and by having one answer a question.
 *
 * @param key the question's: its thread, its owner, its client message id.
 * @param replaced keys of questions that this one takes the place of: one that is still on its way would be stored behind it.
 * @returns null where it, or one of those, is being answered.
 */
export function beginAnswer(key: string, replaced: readonly string[] = []): AnswerUnderWay | null {
  if ([key, ...replaced].some((each) => underWay.has(each))) return null;
  underWay.add(key);
  const patienceMs = lost.delete(key) ? 0 : PATIENCE_MS;
  let open = true;
  return {
    patienceMs,
    over(how) {
      if (!open) return;
      open = false;
      underWay.delete(key);
      if (how === "settled") return;
      lost.add(key);
      setTimeout(() => lost.delete(key), PATIENCE_MS).unref();
    },
  };
}

/** How many answers are being made by this process whose keys begin so. */
export function countUnderWay(prefix: string): number {
  let count = 0;
  for (const key of underWay) if (key.startsWith(prefix)) count++;
  return count;
}
