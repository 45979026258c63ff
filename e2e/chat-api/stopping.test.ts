import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { type ChatApi, isA } from "../support/chat-api.ts";
import { askChat } from "../support/chat-client.ts";

async function startToBeStopped({ start }: ChatApi, settings?: Record<string, string>) {
  const stopping = await start(settings);
  const exited = new Promise((resolve) => stopping.process.once("exit", (...how) => resolve(how)));
  return { stopping, exited };
}

test("a portal that is told to stop while the database is away writes what it owes once it is back", async ({
  api,
  portals,
}) => {
  const { holdModel, priya, stored } = api;
  const { postgres } = portals;
  // Short, so that the write fails and is tried again: the pool alone would wait for what waits for it.
  const { stopping, exited } = await startToBeStopped(api, { DB_POOL_CONN_TIMEOUT_MS: "300" });
  const failures = () => stopping.output().split("db.pool.connect_failed").length;
  holdModel();
  const answer = await askChat(stopping.url, priya.cookie, {});
  await answer.until(isA("text-delta"));
  await postgres.kill();
  try {
    answer.leave();
    await waitFor(() => failures() > 1, { what: "the write to fail" });
    stopping.process.kill("SIGTERM");
    await waitFor(() => stopping.output().includes("web.draining"), { what: "the drain to begin" });
    await untilClosed(stopping.url);
    const failed = failures();
    await waitFor(() => failures() > failed + 3, { timeoutMs: 10_000, what: "it to be tried on and on" });
  } finally {
    await postgres.restart();
  }
  expect(await exited).toEqual([0, null]);
  expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. ", status: "aborted" }]);
});

test("a portal that is told to stop finishes its streams", async ({ api }) => {
  const { holdModel, priya, stored } = api;
  const { stopping, exited } = await startToBeStopped(api);
  const held = holdModel();
  const [answer, left] = await Promise.all([
    askChat(stopping.url, priya.cookie, {}),
    askChat(stopping.url, priya.cookie, { text: "When is food waste collected?" }),
  ]);
  await Promise.all([answer, left].map((each) => each.until(isA("text-delta"))));
  stopping.process.kill("SIGTERM");
  await waitFor(() => stopping.output().includes("web.draining"), { what: "the drain to begin" });
  await untilClosed(stopping.url);
  left.leave();
  held.finish();
  expect((await answer.end()).at(-1)).toMatchObject({ type: "finish" });
  expect(await exited).toEqual([0, null]);
  expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. Two.", status: "complete" }]);
  expect(await stored(left.threadId)).toMatchObject([{}, { role: "assistant" }]);
  expect(stopping.output()).toMatch(/"event":"web\.drained".*"requestsCut":0,"workCut":0/);
});

async function untilClosed(url: string): Promise<void> {
  const isClosed = () =>
    fetch(url).then(
      () => false,
      () => true,
    );
  await waitFor(isClosed, { what: "nobody to be let in any more" });
}
