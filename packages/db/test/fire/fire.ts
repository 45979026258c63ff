import { setTimeout as pause } from "node:timers/promises";
import type { FaultProxy } from "@openhouse/pool-testing";
import type pg from "pg";
import type { Random } from "./random.ts";

/** How long the network stays slow or deaf, at most, in milliseconds: longer than a statement's deadline some of the time. */
const BAD_WEATHER_MS = 1_000;
const ANY_BACKENDS = `(select pid from pg_stat_activity
  where usename = $1 and datname = current_database() and pid <> pg_backend_pid() order by random() limit $2) as victims`;

interface Target {
  readonly server: pg.Client;
  readonly proxy: FaultProxy;
  readonly random: Random;
  /** Whose backends are killed. */
  readonly user: string;
  /** Turns that callers have taken so far. */
  turns(): number;
  /** How many turns callers take between two faults, at most: on a slow machine the faults come slower too. */
  readonly calmTurns: number;
  count(fault: string): void;
}

const FAULTS: Record<string, (target: Target) => Promise<unknown>> = {
  kill: ({ server, user }) =>
    server.query(`select pg_terminate_backend(pid) from ${ANY_BACKENDS}`, [user, 1]),
  "kill three": ({ server, user }) =>
    server.query(`select pg_terminate_backend(pid) from ${ANY_BACKENDS}`, [user, 3]),
  cancel: ({ server, user }) => server.query(`select pg_cancel_backend(pid) from ${ANY_BACKENDS}`, [user, 4]),
  cut: async ({ proxy }) => proxy.cut(),
  "cut before COMMIT": async ({ proxy }) => proxy.cutBefore("commit"),
  "cut after COMMIT": async ({ proxy }) => proxy.cutAfter("commit"),
  "cut before an INSERT": async ({ proxy }) => proxy.cutBefore("insert into"),
  "cut after an INSERT": async ({ proxy }) => proxy.cutAfter("insert into"),
  "cut after set_config": async ({ proxy }) => proxy.cutAfter("set_config"),
  async slow({ proxy, random }) {
    proxy.setDelayMs(30);
    await pause(random.below(BAD_WEATHER_MS));
    proxy.setDelayMs(0);
  },
  async deaf({ proxy, random }) {
    proxy.pause(random.of(["both", "toServer", "toClient"] as const));
    await pause(random.below(BAD_WEATHER_MS));
    proxy.resume();
  },
};

/** One fault after the other until `stopped`; then the weather is fine. */
export async function keepBurning(target: Target, stopped: () => boolean): Promise<void> {
  const names = Object.keys(FAULTS);
  while (!stopped()) {
    const name = target.random.of(names);
    target.count(`fault: ${name}`);
    await FAULTS[name]?.(target);
    const until = target.turns() + target.random.below(target.calmTurns);
    while (!stopped() && target.turns() < until) await pause(5);
  }
}
