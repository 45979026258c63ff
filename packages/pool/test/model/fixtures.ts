import type { FaultProxy } from "@openhouse/pool-testing";
import type { PoolOptions } from "../../src/config/options.ts";
import type { Client } from "../../src/query/client.ts";

/** What a model run finds there. */
export interface Fixtures {
  readonly options: PoolOptions;
  readonly proxy: FaultProxy;
  readonly observer: Client;
  /** By which the server knows the pool's connections. */
  readonly name: string;
  /** Where the pool's timers were set that still run. */
  readonly timers: () => string[];
}
