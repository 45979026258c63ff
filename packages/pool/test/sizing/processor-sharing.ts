import { EventEmitter } from "node:events";
import type pg from "pg";
import { AutoPoolSize } from "../../src/sizing/auto-pool-size.ts";
import { DurationHistogram } from "../../src/telemetry/histogram.ts";
import type { PoolStats, PoolTotals } from "../../src/telemetry/stats.ts";
import { DueHeap } from "../simulation/heap.ts";
import { Random } from "../simulation/random.ts";

/** What callers ask of a server that has cores, and shares them among the statements that are ready to run. */
export interface Load {
  readonly cores: number;
  /** Of each of so many processes with a pool. */
  readonly processes: number;
  /** Callers of all processes together, who come at random. */
  readonly callersPerSecond: number;
  /** What a statement needs of a core, on average and spread exponentially, in milliseconds. */
  readonly cpuMs: number;
  /** How long it waits besides, for a disk, a lock, or its caller, in milliseconds. */
  readonly waitMs: number;
}

export interface Served {
  /** Callers served in a second, who waited no longer than they do. */
  readonly perSecond: number;
  /** From asking to the answer, of those who were served, in milliseconds. */
  readonly meanMs: number;
  readonly p99Ms: number;
  /** Connections of a process at the end. */
  readonly sizes: readonly number[];
}

/** Two times between which a minute goes by for whoever sizes a pool, in milliseconds. */
const LOOK_EVERY_MS = 500;
const LOOKS = 40;
/** What is measured is the second half: the first is for finding the size. */
const MEASURED_FROM_MS = (LOOKS * LOOK_EVERY_MS) / 2;
const PATIENCE_MS = 5_000;
/** By so much of its work the server is slower for each statement that is ready beyond one a core: switches, caches, locks. */
const SWITCHING = 0.004;
const LIMIT = 97;
const MIN = 2;

interface Statement {
  readonly process: Process;
  readonly askedAtMs: number;
  /** Drawn when its caller comes, so that pools of all sizes are asked for the same. */
  readonly cpuMs: number;
  startedAtMs: number;
  /** Its end, in time or in the work that each running statement has had. */
  dueMs: number;
  readonly order: number;
}

/** A pool as far as its size matters, in a process of its own. */
class Process {
  readonly events = new EventEmitter();
  readonly options = {};
  readonly queue: Statement[] = [];
  readonly auto: AutoPoolSize | undefined;
  head = 0;
  max: number;
  used = 0;
  acquired = 0;
  timeouts = 0;
  readonly wait = new DurationHistogram();
  readonly run = new DurationHistogram();

  constructor(fixed: number | undefined) {
    this.max = fixed ?? MIN + 1;
    if (fixed === undefined) this.auto = new AutoPoolSize(this);
  }

  getStats(): PoolStats {
    return { max: this.max, min: MIN, totalCount: this.max } as PoolStats;
  }

  getTotals(): PoolTotals {
    const { acquired, timeouts } = this;
    return {
      acquired,
      timeouts,
      shed: 0,
      wait: this.wait.snapshot(),
      run: this.run.snapshot(),
    } as PoolTotals;
  }

  resize({ max }: { max: number }): void {
    this.max = max;
  }
}

/** @param fixed the size of each pool; undefined where each sizes itself. */
export async function serve(load: Load, fixed: number | undefined, seed = 1): Promise<Served> {
  const random = new Random(seed);
  const exponential = (mean: number) => -mean * Math.log(1 - random.next());
  const { cores, waitMs } = load;
  const processes = Array.from({ length: load.processes }, () => new Process(fixed));
  const answer = { rows: [{ pid: 1, instances: load.processes, server: LIMIT, role: -1, database: -1 }] };
  const client = { query: () => Promise.resolve(answer) } as unknown as pg.ClientBase;
  const running = new DueHeap<Statement>();
  const waiting = new DueHeap<Statement>();
  const latencies: number[] = [];
  let [nowMs, workMs, order] = [0, 0, 0];

  /** How much of a core each running statement has. */
  const rate = () => {
    const ready = running.size;
    if (ready <= cores) return 1;
    return cores / ready / (1 + SWITCHING * (ready - cores));
  };
  const start = (statement: Statement) => {
    statement.process.used++;
    statement.process.acquired++;
    statement.process.wait.record(nowMs - statement.askedAtMs);
    statement.startedAtMs = nowMs;
    statement.dueMs = workMs + statement.cpuMs;
    running.push(statement);
  };
  const serveNext = (process: Process) => {
    while (process.used < process.max && process.head < process.queue.length) {
      const next = process.queue[process.head++];
      if (next === undefined) return;
      if (nowMs - next.askedAtMs > PATIENCE_MS) process.timeouts++;
      else start(next);
    }
  };
  const finish = (statement: Statement) => {
    statement.process.used--;
    statement.process.run.record(nowMs - statement.startedAtMs);
    if (nowMs >= MEASURED_FROM_MS) latencies.push(nowMs - statement.askedAtMs);
    serveNext(statement.process);
  };

  let arrivesAtMs = 0;
  for (let look = 1; look <= LOOKS; look++) {
    const untilMs = look * LOOK_EVERY_MS;
    while (nowMs < untilMs) {
      const top = running.peek();
      const runsOutAtMs =
        top === undefined ? Number.POSITIVE_INFINITY : nowMs + (top.dueMs - workMs) / rate();
      const wakesAtMs = waiting.peek()?.dueMs ?? Number.POSITIVE_INFINITY;
      const nextMs = Math.min(untilMs, arrivesAtMs, runsOutAtMs, wakesAtMs);
      workMs += (nextMs - nowMs) * rate();
      nowMs = nextMs;
      if (nextMs === runsOutAtMs) {
        const done = running.pop();
        if (done === undefined) continue;
        done.dueMs = nowMs + waitMs;
        if (waitMs > 0) waiting.push(done);
        else finish(done);
      } else if (nextMs === wakesAtMs) {
        const done = waiting.pop();
        if (done !== undefined) finish(done);
      } else if (nextMs === arrivesAtMs) {
        const process = processes[Math.floor(random.next() * processes.length)];
        arrivesAtMs = nowMs + exponential(1_000 / load.callersPerSecond);
        if (process === undefined) continue;
        const cpuMs = exponential(load.cpuMs);
        process.queue.push({ process, askedAtMs: nowMs, cpuMs, startedAtMs: 0, dueMs: 0, order: order++ });
        serveNext(process);
      }
    }
    for (const process of processes) {
      await process.auto?.look(client, look * 60_000);
      serveNext(process);
    }
  }
  latencies.sort((one, other) => one - other);
  return {
    perSecond: latencies.length / ((LOOKS * LOOK_EVERY_MS - MEASURED_FROM_MS) / 1_000),
    meanMs: latencies.reduce((sum, each) => sum + each, 0) / latencies.length,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    sizes: processes.map(({ max }) => max),
  };
}
