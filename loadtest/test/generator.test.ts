import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../generator/run.ts";
import type { Load } from "../loads.ts";
import { startStandIn } from "./support/stand-in.ts";

const RESIDENTS = Array.from({ length: 5 }, (_, index) => `R${index}`);
const CODES = Array.from({ length: 40 }, (_, index) => `C${index}`);

async function generate(loads: readonly Load[], { retry = false } = {}) {
  const server = await startStandIn();
  onTestFinished(() => server.stop());
  let midways = 0;
  const begin = () =>
    run(
      { origin: server.origin, loads, retry, residents: RESIDENTS, codes: CODES },
      {
        onProgress: () => {},
        onMidway: () => void midways++,
        aborted: new AbortController().signal,
        graceMs: 2_000, // ends with the last answer
      },
    );
  return { server, begin, midways: () => midways };
}

test("a scan opens its code's page and redeems the code, and is told to the ledger with its session", async () => {
  const { begin, midways } = await generate([{ kind: "onboarding", ratePerSecond: 40, durationMs: 500 }]);
  const { operations, writes } = await begin();
  for (const name of ["scan", "scan, page", "scan, redeem"]) {
    const operation = operations.find((each) => each.name === name);
    expect(operation, name).toMatchObject({ asked: 20, answered: 20, answeredAtOnce: 20, errors: {} });
  }
  // Those of the load are told as they are answered, and one may be overtaken by the next.
  const told = writes.scans.map(({ code }) => code);
  expect(told.slice(0, RESIDENTS.length)).toEqual(RESIDENTS);
  expect(told.slice(RESIDENTS.length).sort()).toEqual(CODES.slice(0, 20).sort());
  expect(writes.scans.every(({ sessionId }) => /^[0-9a-f-]{36}$/.test(sessionId ?? ""))).toBe(true);
  expect(midways()).toBe(1);
});

test("a chat answer is heard to its end, and a conversation has as many messages as were asked for", async () => {
  const load: Load = { kind: "chat", concurrent: 2, turns: 3, thinkMs: 5, durationMs: 200 };
  const { begin } = await generate([load]);
  const { operations, writes } = await begin();
  const chat = operations.find(({ name }) => name === "chat");
  expect(chat?.asked).toBeGreaterThan(6);
  expect(chat?.answered).toBe(chat?.asked);
  const perThread = new Map<string, number>();
  for (const { threadId } of writes.turns) perThread.set(threadId, (perThread.get(threadId) ?? 0) + 1);
  expect(Math.max(...perThread.values())).toBe(3);
  expect(new Set(writes.turns.map(({ clientMessageId }) => clientMessageId)).size).toBe(writes.turns.length);
  const textMd5 = createHash("md5").update("Call the agent.").digest("hex");
  expect(writes.turns.at(-1)?.answer?.textMd5).toBe(textMd5);
});

/** Searches that come before what is measured. */
const WARM_UP_SEARCHES = 60;

test("what is sent back with Retry-After comes again where that is wanted, and has not been answered at once", async () => {
  const { server, begin } = await generate([{ kind: "rag", requests: 10, concurrent: 10 }], { retry: true });
  server.refusal = { path: "/api/rag", after: WARM_UP_SEARCHES, times: 7, retryAfter: "0" };
  const search = (await begin()).operations.find(({ name }) => name === "search");
  expect(search).toMatchObject({ asked: 10, answered: 10, unclean: {} });
  expect(search?.errors).toEqual({ "503 connection_refused": 7 });
  expect(search?.answeredAtOnce).toBeLessThan(10);
});

test("nobody comes again in a calm run", async () => {
  const { server, begin } = await generate([{ kind: "rag", requests: 10, concurrent: 10 }]);
  server.refusal = { path: "/api/rag", after: WARM_UP_SEARCHES, times: 7, retryAfter: "0" };
  const search = (await begin()).operations.find(({ name }) => name === "search");
  expect(search).toMatchObject({ asked: 10, answered: 3, answeredAtOnce: 3 });
});

test("a 503 that does not say when to come again is told apart", async () => {
  const { server, begin } = await generate([{ kind: "rag", requests: 10, concurrent: 2 }], { retry: true });
  server.refusal = { path: "/api/rag", after: WARM_UP_SEARCHES, times: 2, retryAfter: null };
  const search = (await begin()).operations.find(({ name }) => name === "search");
  expect(search?.unclean).toEqual({ "503 connection_refused without Retry-After": 2 });
});

test("what is never answered is given up after a while, and counts as not answered", async () => {
  const { server, begin } = await generate([{ kind: "onboarding", ratePerSecond: 20, durationMs: 200 }], {
    retry: true,
  });
  server.blackholed = true;
  const { operations, writes } = await begin();
  expect(operations.find(({ name }) => name === "scan, page")).toMatchObject({
    asked: 4,
    answered: 0,
    errors: { "no answer by the end": 4 },
  });
  expect(writes.scans.filter(({ sessionId }) => sessionId === null)).toHaveLength(4);
});
