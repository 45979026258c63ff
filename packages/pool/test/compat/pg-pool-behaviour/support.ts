import pg from "pg";
import { Pool } from "../../../src/pool.ts";
import type { Behaviour, ContractContext } from "../contract/context.ts";

/** What one file of node-postgres' own tests of pg-pool looks at, in our words. */
export type Table = Readonly<Record<string, readonly Behaviour[]>>;

export const HI = { text: "select $1::text as name", values: ["hi"] };

/** A pool with nothing but what is given: the caller ends it. */
export function bare({ kind }: ContractContext, options?: pg.PoolConfig): pg.Pool {
  return kind === "plain" ? new pg.Pool(options) : new Pool(options);
}

export function rowsOf(result: pg.QueryResult): unknown[] {
  return result.rows;
}

/** How a call has ended: "done", or "refused" for an error. */
export function ending(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "done",
    (error) => (error instanceof Error ? "refused" : "rejected with no error"),
  );
}

/** How many connections there are, and how many of them are idle. */
export function sizes({ totalCount, idleCount }: pg.Pool): string {
  return `${totalCount}, ${idleCount} idle`;
}

export function repeat<T>(times: number, make: (index: number) => T): T[] {
  return Array.from({ length: times }, (_, index) => make(index));
}

/** Waits as an application would, where the time itself is what is looked at. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

type Connected = (error?: Error) => void;

/** A `pg.Client` whose connects are made one after the other by what is given; the others as usual. */
export function connectingBy(
  ...connects: ((connect: (done: Connected) => void, done: Connected) => void)[]
): NonNullable<pg.PoolConfig["Client"]> {
  let made = 0;
  class Connecting extends pg.Client {
    override connect(): Promise<pg.Client>;
    override connect(done: Connected): void;
    override connect(done?: Connected): undefined | Promise<pg.Client> {
      const own = (settle: Connected) => super.connect(settle as never);
      const by = connects[made++];
      if (by === undefined || done === undefined) own(done ?? (() => {}));
      else by(own, done);
      return undefined;
    }
  }
  return Connecting as never;
}
