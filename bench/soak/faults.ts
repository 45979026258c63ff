import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type * as Client from "@openhouse/db/client";
import { asSuperuser } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import { APP_ROLE, LEAK_MS, type SoakEnvironment } from "./environment.ts";

interface FaultContext extends SoakEnvironment {
  readonly client: typeof Client;
}

/** How long a fault that has a length is there, and how long callers have to recover from each, in milliseconds. */
const FAULT_MS = 3_000;
const RECOVERY_MS = 3_000;
const OWN = `from pg_stat_activity where usename = '${APP_ROLE}'`;

const ask = ({ superuserUrl }: SoakEnvironment, statement: string) =>
  asSuperuser(superuserUrl, (client) => client.query(statement));

/** Each resolves when its fault is over. Callers that a fault brings along expect to fail. */
export const FAULTS: Record<string, (context: FaultContext) => Promise<unknown>> = {
  kill: (context) =>
    ask(
      context,
      `select pg_terminate_backend(pid) from (select pid ${OWN} order by random() limit 3) as victims`,
    ),
  "restart-fast": ({ server }) => server.restart("fast"),
  "restart-immediate": ({ server }) => server.restart("immediate"),
  async "kill-9"({ server }) {
    await server.kill();
    await server.restart();
  },
  async freeze({ server }) {
    const pids = [server.pid, ...childrenOf(server.pid)];
    for (const pid of pids) signal(pid, "SIGSTOP");
    try {
      await pause(FAULT_MS);
    } finally {
      for (const pid of pids) signal(pid, "SIGCONT");
    }
  },
  cut: async ({ proxy }) => proxy.cut(),
  async blackhole({ proxy }) {
    proxy.pause();
    await pause(FAULT_MS);
    proxy.resume();
  },
  async slow({ proxy }) {
    proxy.setDelayMs(40);
    await pause(FAULT_MS);
    proxy.setDelayMs(0);
  },
  async ddl(context) {
    for (let turn = 0; turn < 5; turn++) {
      await ask(context, "alter table soak_shapes add column note text");
      await pause(150);
      await ask(context, "alter table soak_shapes drop column note");
    }
  },
  timeouts: ({ client, tenantIds }) =>
    Promise.allSettled(tenantIds.map((id) => client.forTenant(id).execute(sql`select pg_sleep(20)`))),
  aborts: ({ client }) =>
    Promise.allSettled(
      Array.from({ length: 30 }, (_, index) => {
        const signal = AbortSignal.timeout(10 * index);
        const statement = { text: "select pg_sleep(1)", signal };
        return client.withClient((raw) => raw.query(statement), { signal });
      }),
    ),
  async forgotten({ client }) {
    const { pool } = client.getDatabaseResources();
    const forgetful = client.withDbCleanup(async () => {
      await pool.connect(); // never returned
    });
    await forgetful();
    const late = await pool.connect();
    await pause(1.5 * LEAK_MS);
    late.release();
  },
  async "53300"(context) {
    await ask(context, `alter role ${APP_ROLE} connection limit 3`);
    await ask(context, `select pg_terminate_backend(pid) ${OWN}`);
    await pause(FAULT_MS);
    await ask(context, `alter role ${APP_ROLE} connection limit -1`);
  },
};

export interface FaultsUnderWay {
  /** Name of what goes on now, or "". */
  current: string;
  readonly counts: Record<string, number>;
  /** Faults that could not be made. */
  readonly failures: string[];
  readonly done: Promise<void>;
}

/** One fault after the other, each of them before any comes again, with time to recover in between. */
export function scheduleFaults(
  context: FaultContext,
  names: readonly string[],
  stopped: () => boolean,
): FaultsUnderWay {
  const counts: Record<string, number> = {};
  const failures: string[] = [];
  const run = async () => {
    while (!stopped() && names.length > 0) {
      for (const name of shuffled(names)) {
        await pause(RECOVERY_MS);
        if (stopped()) return;
        underWay.current = name;
        counts[name] = (counts[name] ?? 0) + 1;
        await FAULTS[name]?.(context).catch((error: unknown) => failures.push(`${name}: ${String(error)}`));
        underWay.current = "";
      }
    }
  };
  const underWay: FaultsUnderWay = { current: "", counts, failures, done: Promise.resolve() };
  return Object.assign(underWay, { done: run() });
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** Backends have process groups of their own, so a signal to the postmaster's does not reach them. */
function childrenOf(parent: number): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
