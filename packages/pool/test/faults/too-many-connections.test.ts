import { tooManyConnections } from "@openhouse/tooling/faults/too-many-connections";
import { describe, expect, test } from "vitest";
import { AcquireTimeoutError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { useOwnServer } from "./support/own-server.ts";

const SLOTS = 4;
const own = useOwnServer({ max_connections: String(SLOTS), superuser_reserved_connections: "0" });

/** Others take every connection that the server has. */
const takeAll = () => Promise.all(Array.from({ length: SLOTS }, () => own.observer()));

/** Each connect that fails from now on: why, and how many others were under way. */
function failuresOf(pool: Pool) {
  const failures: { sqlstate: string | undefined; connecting: number }[] = [];
  pool.events.on("connectFailed", ({ sqlstate }) =>
    failures.push({ sqlstate, connecting: pool.getStats().connectingCount }),
  );
  return failures;
}

test("the waiter goes back to the queue: nobody fails while the pool's own connections go round", async () => {
  expect(await tooManyConnections(own.ours())).toEqual({ served: "30 of 30", refusals: "53300" });
});

test("the waiter is served when somebody else gives a connection up", async () => {
  const others = await takeAll();
  const pool = own.pool({ max: 2 });
  const failures = failuresOf(pool);
  const waiting = pool.query("select 'served' as outcome");
  pool.events.once("connectFailed", () => void others[0]?.end());
  expect((await waiting).rows).toEqual([{ outcome: "served" }]);
  expect(failures[0]?.sqlstate).toBe("53300");
});

describe("where the server stays full", () => {
  test("the waiter fails only at its own deadline, with the connect error as cause", async () => {
    await takeAll();
    const pool = own.pool({ max: 2 });
    const startedAtMs = performance.now();
    const outcomes = await Promise.all(
      [200, 600].map(async (timeoutMs) => {
        const error: unknown = await pool.acquire({ timeoutMs }).catch((caught) => caught);
        return { error, early: performance.now() - startedAtMs < timeoutMs - 5 };
      }),
    );
    for (const { error, early } of outcomes) {
      expect(early).toBe(false);
      expect(error).toBeInstanceOf(AcquireTimeoutError);
      expect(error).toMatchObject({ cause: { code: "53300" } });
    }
  });

  test("growth backs off: after the first failures one connect is tried at a time, and few", async () => {
    await takeAll();
    const atOnce = 2 * SLOTS; // the server listens for no more: the kernel would have the next one try again after a second
    const pool = own.pool({ max: atOnce, connectionTimeoutMillis: 2_000 });
    const failures = failuresOf(pool);
    await Promise.allSettled(Array.from({ length: atOnce }, () => pool.connect()));
    const later = failures.slice(atOnce);
    expect(later.length).toBeGreaterThan(0);
    expect(later.length).toBeLessThan(30);
    expect(later.filter(({ connecting }) => connecting > 0)).toEqual([]);
  });
});
