import { classifyError } from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import type { ServerContext } from "./context.ts";
import { createLedger, startWriters } from "./ledger.ts";
import { observing } from "./observe.ts";
import { becomes, distinct, settle } from "./settle.ts";
import { openAll, type Subject, slotsLost, withSubject } from "./subject.ts";

export const MAX = 6;
const STOP_MS = 25_000;

export const RESTARTS = {
  /** The server waits until everybody has left by themselves; that it does, the pool learns when it connects. */
  async smart({ url, server }: ServerContext, { pool }: Subject) {
    await openAll(pool, MAX);
    const restarted = server.restart("smart");
    await waitFor(() => isRefused(url), { what: "the server to refuse new connections" });
    (await pool.connect()).release(true);
    await restarted;
  },
  fast: ({ server }: ServerContext) => server.restart("fast"),
  immediate: ({ server }: ServerContext) => server.restart("immediate"),
  async "kill -9"({ server }: ServerContext) {
    await server.kill();
    await server.restart();
  },
};

/** The server restarts while twice as many callers as there are connections write. */
export async function restart(context: ServerContext, mode: keyof typeof RESTARTS) {
  await observing(context, createLedger);
  const limits = { connectionTimeoutMillis: 20_000, queryTimeoutMs: 5_000 };
  // Without a minimum to keep, a pool that is quick enough with those it has opens none in the place of one that is gone.
  const min = mode === "smart" ? MAX : 0;
  return withSubject(context, { max: MAX, min, ...limits }, async (subject) => {
    const load = startWriters(subject, 2 * MAX);
    try {
      await waitFor(() => load.acknowledged > 200, { what: "load" });
      await RESTARTS[mode](context, subject);
      const restartedAtMs = performance.now();
      const before = load.acknowledged;
      await becomes(() => load.acknowledged > before, 15_000);
      const servesAfterMs = performance.now() - restartedAtMs;
      await becomes(() => load.acknowledged > before + 200, 15_000);
      await settle(load.stop(), STOP_MS);
      const failures = load.failures();
      return {
        failures: failures.length,
        kinds: distinct(failures.map((error) => classifyError(error).kind)),
        slotsLost: await slotsLost(subject.pool),
        wrongEntries: (await observing(context, load.wrong)).length,
        servedAfterwards: load.acknowledged > before + 200,
        servesAfterMs,
      };
    } finally {
      void load.stop();
    }
  });
}

async function isRefused(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  const { error } = await settle(client.connect(), 5_000);
  await client.end();
  return error !== undefined;
}
