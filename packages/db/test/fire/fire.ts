import { setTimeout as pause } from "node:timers/promises";
import type { FaultProxy } from "@openhouse/pool-testing";
import type pg from "pg";
import { APP } from "../support/template.ts";
import type { Random } from "./random.ts";

/** How long the network stays slow or deaf, at most, in milliseconds: longer than a statement's deadline some of the time. */
const BAD_WEATHER_MS = 1_000;
/** How many turns callers take between two faults, at most: on a slow machine the faults come slower too. */
const CALM_TURNS = 24;

const ANY_BACKEND = `select pid from pg_stat_activity where usename = '${APP.name}' and datname = current_database()
  order by random() limit`;

interface Target {
  readonly server: pg.Client;
  readonly proxy: FaultProxy;
  readonly random: Random;
  /** Turns that callers have taken so far. */
  turns(): number;
  count(fault: string): void;
}

const FAULTS: Record<string, (target: Target) => Promise<unknown>> = {
  kill: ({ server }) => server.query(`select pg_terminate_backend(pid) from (${ANY_BACKEND} 1) as victims`),
  "kill three": ({ server }) =>
    server.query(`select pg_terminate_backend(pid) from (${ANY_BACKEND} 3) as victims`),
  cancel: ({ server }) => server.query(`select pg_cancel_backend(pid) from (${ANY_BACKEND} 4) as victims`),
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
    const until = target.turns() + target.random.below(CALM_TURNS);
    while (!stopped() && target.turns() < until) await pause(5);
  }
}
