import { startFaultProxy } from "@openhouse/pool-testing";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";
import { usePrograms } from "./support/program.ts";

const database = useDatabase();
const run = usePrograms();

/** What the holder hears. The server's own words arrive where it had the time to say them. */
const LOST = /terminat|not queryable|ECONNRESET|closed/;

const SCENARIOS = [
  ["idle", /nothing/],
  ["checked out, between two statements", LOST],
  ["checked out, and returned after its death without another statement", /nothing/],
  ["waiting for an answer", LOST],
  ["inside a transaction", LOST],
] as const;

/** The program has outlived the death, and was served afterwards. */
async function expectSurvival(program: ReturnType<typeof run>, learned: RegExp) {
  expect(await program.ended()).toEqual({ code: 0, signal: null, complaint: "" });
  expect(program.facts.at(-1)).toMatchObject({
    learned: expect.stringMatching(learned),
    afterwards: "served",
    stats: { totalCount: 1, idleCount: 1, usedCount: 0, waitingCount: 0 },
  });
}

describe("the process never exits when a backend is terminated while its client is", () => {
  test.each(SCENARIOS)("%s", async (scenario, learned) => {
    const observer = await database.observer();
    const program = run("survivor-program", database.url(), scenario);
    await observer.query("select pg_terminate_backend($1)", [await program.tells("pid")]);
    await expectSurvival(program, learned);
  });
});

describe("the process never exits when the network resets the connection while its client is", () => {
  test.each(SCENARIOS)("%s", async (scenario, learned) => {
    const { host = "", port = 0 } = database.options();
    const proxy = database.keep(endable(await startFaultProxy({ host, port })));
    const program = run("survivor-program", proxy.url(database.url()), scenario);
    const pid = await program.tells("pid");
    proxy.cut();
    await expectSurvival(program, learned);
    // A server that is busy with a statement does not look at its socket.
    await (await database.observer()).query("select pg_terminate_backend($1)", [pid]);
  });
});

function endable<T extends { close(): Promise<void> }>(proxy: T): T & { end(): Promise<void> } {
  return Object.assign(proxy, { end: () => proxy.close() });
}
