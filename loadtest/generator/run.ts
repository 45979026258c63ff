import type { Load } from "../loads.ts";
import type { GeneratorResult } from "../results.ts";
import { chat } from "./chat.ts";
import { Line } from "./http.ts";
import { addressOf, redeem, sessionIdOf } from "./onboarding.ts";
import { paced } from "./paced.ts";
import type { Operation } from "./recorder.ts";
import { rag } from "./search.ts";
import { type Resident, VirtualUsers } from "./virtual-users.ts";

/** What the generator is told; all of it can be sent to another process. */
export interface Assignment {
  readonly origin: string;
  /** All at once. */
  readonly loads: readonly Load[];
  /** Whether a request that was sent back with `Retry-After` is made again. */
  readonly retry: boolean;
  /** One for each homeowner who chats or searches: they sign in with it first. */
  readonly residents: readonly string[];
  /** One for each scan. */
  readonly codes: readonly string[];
}

/** How the generator is getting on. */
export interface Progress {
  readonly seconds: number;
  readonly operations: readonly ReturnType<Operation["progress"]>[];
}

export interface GenerateOptions {
  readonly onProgress: (progress: Progress) => void;
  /** Called once, when half of the work, or of the time, is over. */
  readonly onMidway: (atS: number) => void;
  readonly aborted: AbortSignal;
  /** What is not answered so long after the load is over is given up. @default 30_000 */
  readonly graceMs?: number;
}

const PROGRESS_EVERY_MS = 500;
const SIGN_IN_AT_ONCE = 5;
/** Of a number of requests, without a duration. */
const LONGEST_MS = 60_000;
/** So that what is measured meets code that is compiled and connections that are open. */
const WARM_UP: readonly Load[] = [
  { kind: "chat", concurrent: 5, turns: 2, thinkMs: 0, durationMs: 1_000 },
  { kind: "rag", requests: 60, concurrent: 5 },
];

/** Signs its people in, warms the portal up, and does what it was assigned. */
export async function run(assignment: Assignment, options: GenerateOptions): Promise<GeneratorResult> {
  const { origin, loads, codes, retry } = assignment;
  const line = new Line(origin);
  try {
    const residents = await signIn(line, assignment.residents);
    const warm = new VirtualUsers(line, residents, true, options.aborted);
    await warmUp(warm, loads);

    const cpuBefore = process.cpuUsage();
    const over = new AbortController();
    const users = new VirtualUsers(line, residents, retry, AbortSignal.any([options.aborted, over.signal]));
    const startedAt = new Date().toISOString();
    const stopWatching = watch(users, loads, options);
    const longestMs = Math.max(...loads.map((load) => ("durationMs" in load ? load.durationMs : LONGEST_MS)));
    const limit = setTimeout(
      () => {
        over.abort();
        void line.close();
      },
      longestMs + (options.graceMs ?? 30_000),
    );
    await Promise.all(loads.map((load) => start(users, load, codes)));
    clearTimeout(limit);
    stopWatching();
    const seconds = (performance.now() - users.startedAtMs) / 1_000;
    const cpu = process.cpuUsage(cpuBefore);
    const signedIn = residents.map((resident) => ({
      code: resident.code,
      sessionId: sessionIdOf(resident),
    }));
    return {
      startedAt,
      seconds,
      operations: users.operations.map((operation) => operation.result(seconds)),
      lateP99Ms: users.lateness.percentileMs(99),
      cpuShare: (cpu.user + cpu.system) / 1e6 / seconds,
      writes: { turns: [...warm.turns, ...users.turns], scans: [...signedIn, ...users.scans] },
    };
  } finally {
    await line.close();
  }
}

async function warmUp(users: VirtualUsers, loads: readonly Load[]): Promise<void> {
  const kinds = new Set<Load["kind"]>(loads.map(({ kind }) => (kind === "search" ? "rag" : kind)));
  const loadsAhead = WARM_UP.filter(({ kind }) => kinds.has(kind));
  await Promise.all(loadsAhead.map((load) => start(users, load, [])));
  // Of codes that are used up, so that none is missing later.
  const pages = kinds.has("onboarding") ? users.residents : [];
  for (const { code } of pages) await users.line.ask({ path: `/onboard/${code}` });
}

function start(users: VirtualUsers, load: Load, codes: readonly string[]): Promise<void> {
  if (load.kind === "chat") return chat(users, load);
  return load.kind === "rag" ? rag(users, load) : paced(users, load, codes);
}

/** @throws {Error} somebody was not let in; the message says why. */
async function signIn(line: Line, codes: readonly string[]): Promise<Resident[]> {
  const residents: Resident[] = [];
  let next = 0;
  const letIn = async () => {
    while (next < codes.length) {
      const index = next++;
      const headers = { "x-forwarded-for": addressOf((1 << 23) | index) };
      const outcome = await redeem(line, codes[index] ?? "", headers);
      if ("failure" in outcome) throw new Error(`A homeowner could not sign in: ${outcome.failure.kind}`);
      residents.push(outcome.value);
    }
  };
  await Promise.all(Array.from({ length: SIGN_IN_AT_ONCE }, letIn));
  return residents;
}

function watch(
  users: VirtualUsers,
  loads: readonly Load[],
  { onProgress, onMidway }: GenerateOptions,
): () => void {
  const halfMs = Math.max(0, ...loads.map((load) => ("durationMs" in load ? load.durationMs / 2 : 0)));
  const halfRequests = Math.max(0, ...loads.map((load) => ("requests" in load ? load.requests / 2 : 0)));
  let midway = false;
  let toldAtMs = 0;
  const look = () => {
    const elapsedMs = performance.now() - users.startedAtMs;
    const operations = users.operations.map((operation) => operation.progress());
    const asked = operations.find(({ name }) => name === "search")?.asked ?? 0;
    if (!midway && (halfMs > 0 ? elapsedMs >= halfMs : asked >= halfRequests)) {
      midway = true;
      onMidway(elapsedMs / 1_000);
    }
    if (elapsedMs - toldAtMs < PROGRESS_EVERY_MS) return;
    toldAtMs = elapsedMs;
    onProgress({ seconds: elapsedMs / 1_000, operations });
  };
  const timer = setInterval(look, 20);
  return () => clearInterval(timer);
}
