import { createHistogram } from "node:perf_hooks";
import type { Assignment, Load } from "../plan.ts";
import type { GeneratorResult } from "../results.ts";
import { chat } from "./chat.ts";
import { Crowd, type Resident } from "./crowd.ts";
import { Line } from "./http.ts";
import { addressOf, onboarding, redeem, sessionIdOf } from "./onboarding.ts";
import { paced, rag } from "./search.ts";

/** How the generator is getting on. */
export interface Progress {
  readonly seconds: number;
  readonly operations: readonly {
    readonly name: string;
    readonly asked: number;
    readonly answered: number;
    readonly failed: number;
    readonly underWay: number;
  }[];
}

export interface RunOptions {
  readonly onProgress: (progress: Progress) => void;
  /** Called once, when half of the work, or of the time, is over. */
  readonly onMidway: (atS: number) => void;
  readonly aborted: AbortSignal;
  /** What is not answered so long after the load is over is given up. @default 30_000 */
  readonly graceMs?: number;
}

const PROGRESS_EVERY_MS = 500;
const SIGN_IN_AT_ONCE = 5;
const GRACE_MS = 30_000;
/** Of a number of requests, without a duration. */
const LONGEST_MS = 60_000;
/** So that what is measured meets code that is compiled and connections that are open. */
const WARM_UP: readonly Load[] = [
  { kind: "chat", concurrent: 5, turns: 2, thinkMs: 0, durationMs: 1_000 },
  { kind: "rag", requests: 60, concurrent: 5 },
];

/** Signs its people in, warms the portal up, and does what it was assigned. */
export async function run(assignment: Assignment, options: RunOptions): Promise<GeneratorResult> {
  const { origin, loads, residents: residentCodes, codes, retry } = assignment;
  const line = new Line(origin);
  try {
    const residents = await signIn(line, residentCodes);
    const warm = new Crowd({ line, residents, retry: true, aborted: options.aborted });
    await warmUp(warm, loads);

    const cpuBefore = process.cpuUsage();
    const over = new AbortController();
    const aborted = AbortSignal.any([options.aborted, over.signal]);
    const crowd = new Crowd({ line, residents, retry, aborted });
    const startedAt = new Date().toISOString();
    const lateness = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
    const onLate = (lateMs: number) => lateness.record(Math.max(1, Math.round(lateMs * 1_000)));
    const stopWatching = watch(crowd, loads, options);
    const durations = loads.map((load) => ("durationMs" in load ? load.durationMs : LONGEST_MS));
    const limitMs = Math.max(...durations) + (options.graceMs ?? GRACE_MS);
    const limit = setTimeout(() => {
      over.abort();
      void line.close();
    }, limitMs);
    await Promise.all(loads.map((load) => start(crowd, load, codes, onLate)));
    clearTimeout(limit);
    stopWatching();
    const seconds = (performance.now() - crowd.startedAtMs) / 1_000;
    const cpu = process.cpuUsage(cpuBefore);
    return {
      startedAt,
      seconds,
      operations: crowd.operations.map((operation) => operation.result(seconds)),
      lateness: {
        p99Ms: lateness.count === 0 ? 0 : lateness.percentile(99) / 1_000,
        maxMs: lateness.count === 0 ? 0 : lateness.max / 1_000,
      },
      cpuShare: (cpu.user + cpu.system) / 1e6 / seconds,
      writes: {
        turns: [...warm.turns, ...crowd.turns],
        scans: [
          ...residents.map((resident) => ({ code: resident.code, sessionId: sessionIdOf(resident) })),
          ...crowd.scans,
        ],
      },
    };
  } finally {
    await line.close();
  }
}

async function warmUp(crowd: Crowd, loads: readonly Load[]): Promise<void> {
  const kinds = new Set<Load["kind"]>(loads.map(({ kind }) => (kind === "search" ? "rag" : kind)));
  const loadsAhead = WARM_UP.filter(({ kind }) => kinds.has(kind));
  await Promise.all(loadsAhead.map((load) => start(crowd, load, [], () => {})));
  // Of codes that are used up, so that none is missing later.
  const pages = kinds.has("onboarding") ? crowd.residents : [];
  for (const { code } of pages) await crowd.line.ask({ path: `/onboard/${code}` });
}

function start(
  crowd: Crowd,
  load: Load,
  codes: readonly string[],
  onLate: (lateMs: number) => void,
): Promise<void> {
  switch (load.kind) {
    case "chat":
      return chat(crowd, load);
    case "onboarding":
      return onboarding(crowd, load, codes, onLate);
    case "rag":
      return rag(crowd, load);
    default:
      return paced(crowd, load, onLate);
  }
}

/** @throws {Error} somebody was not let in; the message says why. */
async function signIn(line: Line, codes: readonly string[]): Promise<Resident[]> {
  const residents: Resident[] = [];
  let next = 0;
  const letIn = async () => {
    while (next < codes.length) {
      const index = next++;
      const address = addressOf((1 << 23) | index);
      const outcome = await redeem(line, codes[index] ?? "", { "x-forwarded-for": address });
      if ("failure" in outcome) throw new Error(`A homeowner could not sign in: ${outcome.failure.kind}`);
      residents.push(outcome.value);
    }
  };
  await Promise.all(Array.from({ length: SIGN_IN_AT_ONCE }, letIn));
  return residents;
}

function watch(crowd: Crowd, loads: readonly Load[], { onProgress, onMidway }: RunOptions): () => void {
  const halfMs = Math.max(0, ...loads.map((load) => ("durationMs" in load ? load.durationMs / 2 : 0)));
  const halfRequests = Math.max(0, ...loads.map((load) => ("requests" in load ? load.requests / 2 : 0)));
  let midway = false;
  let toldAtMs = 0;
  const look = () => {
    const elapsedMs = performance.now() - crowd.startedAtMs;
    const asked = crowd.operations.find(({ name }) => name === "search")?.asked ?? 0;
    if (!midway && (halfMs > 0 ? elapsedMs >= halfMs : asked >= halfRequests)) {
      midway = true;
      onMidway(elapsedMs / 1_000);
    }
    if (elapsedMs - toldAtMs < PROGRESS_EVERY_MS) return;
    toldAtMs = elapsedMs;
    onProgress({
      seconds: elapsedMs / 1_000,
      operations: crowd.operations.map((operation) => operation.progress()),
    });
  };
  const timer = setInterval(look, 20);
  return () => clearInterval(timer);
}
