import { createServer, type Server } from "node:http";
import { findFreePort, waitFor } from "@openhouse/pool-testing";
import { Inngest, NonRetriableError } from "inngest";
import { serve } from "inngest/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalExecutor, startLocalExecutor } from "../jobs-executor/local-executor.ts";

/** What the functions under test have done, in order. */
let done: string[] = [];
let executor: LocalExecutor;
let portal: Server | undefined;
let port: number;
let lines: string[] = [];

beforeEach(async () => {
  done = [];
  lines = [];
  port = await findFreePort();
  executor = await startLocalExecutor({
    serveUrl: `http://127.0.0.1:${port}/api/inngest`,
    hurry: 500,
    pollEveryMs: 25,
    maxRuns: 20,
    log: (line) => lines.push(line),
  });
});

afterEach(async () => {
  await executor.stop();
  await endPortal();
});

let requestsUnderWay = 0;

async function endPortal(): Promise<void> {
  const ended = portal;
  portal = undefined;
  if (ended === undefined) return;
  const closed = new Promise((resolve) => ended.close(resolve));
  // An answer that is cut off is asked for again, and its step runs twice.
  await waitFor(() => requestsUnderWay === 0, { what: "the portal's answers" });
  ended.closeAllConnections();
  await closed;
}

/** A client with the executor's keys, as a portal has them from its environment. */
function client(): Inngest {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  return new Inngest({ id: "test", checkpointing: false, aiMetadata: false, logger: quiet }).setEnvVars(
    executor.environment,
  );
}

type Functions = ReturnType<Inngest["createFunction"]>[];

/** Serves functions at the port that the executor looks at. */
async function startPortal(app: Inngest, functions: Functions): Promise<void> {
  const handle = serve({ client: app, functions, enableUnauthedSync: false });
  const server = createServer((request, response) => {
    requestsUnderWay++;
    response.once("close", () => requestsUnderWay--);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  portal = server;
}

const isDone = (...expected: string[]) =>
  waitFor(() => done.length >= expected.length, {
    what: `${expected.join(", ")}; so far: ${done.join(", ")}`,
  }).then(() => expect(done).toEqual(expected));

describe("a run", () => {
  test("goes on step by step, sleeps, and hands each step's answer to the next", async () => {
    const app = client();
    const fn = app.createFunction({ id: "steps", triggers: [{ event: "try" }] }, async ({ event, step }) => {
      const one = await step.run("one", () => `one of ${event.data.what}`);
      await step.sleep("a while", "10m");
      await step.run("two", () => done.push(`two after ${one}`));
      const [left, right] = await Promise.all([
        step.run("left", () => "left"),
        step.run("right", () => "right"),
      ]);
      await step.run("three", () => done.push(`${left} and ${right}`));
      await step.sendEvent("tell", { name: "told", data: { what: "all" } });
    });
    const told = app.createFunction(
      { id: "told", triggers: [{ event: "told" }] },
      async ({ event, step }) => {
        await step.run("hear", () => done.push(`told ${event.data.what}`));
      },
    );
    await startPortal(app, [fn, told]);
    await executor.register();
    const { ids } = await app.send({ name: "try", data: { what: "several" } });
    expect(ids).toHaveLength(1);
    await isDone("two after one of several", "left and right", "told all");
    await waitFor(() => executor.getStats().completed === 2, { what: "both runs to end" });
    expect(executor.getStats()).toMatchObject({ waiting: 0, failed: 0 });
  });

  test("tries a step that fails again, with longer and longer waits, and the ones before it not", async () => {
    const app = client();
    const fn = app.createFunction(
      { id: "retried", retries: 3, triggers: [{ event: "try" }] },
      async ({ attempt, step }) => {
        await step.run("before", () => done.push("before"));
        await step.run("fragile", () => {
          done.push(`attempt ${attempt}`);
          if (attempt < 3) throw new Error("not yet");
        });
      },
    );
    await startPortal(app, [fn]);
    await executor.register();
    await app.send({ name: "try", data: {} });
    await isDone("before", "attempt 0", "attempt 1", "attempt 2", "attempt 3");
    await waitFor(() => executor.getStats().completed === 1, { what: "the run to end" });
  });

  test("that goes on failing ends, after as many retries as the function wants, and is told", async () => {
    const app = client();
    const failing = app.createFunction(
      { id: "failing", retries: 1, triggers: [{ event: "try" }] },
      async ({ step }) => {
        await step.run("always", () => {
          done.push("tried");
          throw new Error("never");
        });
      },
    );
    const hopeless = app.createFunction({ id: "hopeless", triggers: [{ event: "try" }] }, () => {
      done.push("hopeless");
      throw new NonRetriableError("no use");
    });
    await startPortal(app, [failing, hopeless]);
    await executor.register();
    await app.send({ name: "try", data: {} });
    await waitFor(() => executor.getStats().failed === 2, { what: "both runs to fail" });
    expect(done.sort()).toEqual(["hopeless", "tried", "tried"]);
    expect(lines.join("\n")).toContain("a run of test-failing has failed");
    expect(lines.join("\n")).not.toContain("never");
  });

  test("outlives a portal that is away, starts anew, and comes back with another function", async () => {
    const app = client();
    let asked = 0;
    const make = (functions: string[]) =>
      functions.map((id) =>
        app.createFunction({ id, retries: 0, triggers: [{ event: "try" }] }, async ({ step }) => {
          asked++;
          await step.run("note", () => done.push(id));
          await step.sleep("until the portal is away", "100s");
          await step.run("note again", () => done.push(`${id} again`));
        }),
      );
    await startPortal(app, make(["old"]));
    await executor.register();
    await app.send({ name: "try", data: {} });
    // Asked to go on: a first step whose answer is cut off on its way would be run again.
    await waitFor(() => asked > 1, { what: "the first step's answer to have arrived" });
    await endPortal();
    // Longer than the sleep: the run comes to a closed door as well.
    await waitFor(() => executor.getStats().pollsFailed > 12, { what: "the portal to be missed" });
    await startPortal(app, make(["old", "new"]));
    await isDone("old", "old again");
    await waitFor(() => lines.some((line) => line.includes("runs 2 jobs")), { what: "the new function" });
  });
});

describe("a debounce", () => {
  test("makes one run of many events with the same key, with the last of them", async () => {
    const app = client();
    const debounce = { key: "event.data.thread", period: "10m" } as const;
    const fn = app.createFunction(
      { id: "quiet", debounce, triggers: [{ event: "said" }] },
      async ({ event, step }) => {
        await step.run("note", () => done.push(`${event.data.thread} ${event.data.n}`));
      },
    );
    await startPortal(app, [fn]);
    await executor.register();
    await app.send([1, 2, 3].map((n) => ({ name: "said", data: { thread: "a", n } })));
    await app.send({ name: "said", data: { thread: "b", n: 1 } });
    expect(executor.getStats().waiting).toBe(2);
    await isDone("a 3", "b 1");
  });
});

describe("a cron", () => {
  test("runs when it is asked to, one at a time, and what has no cron does not", async () => {
    const app = client();
    const fn = app.createFunction({ id: "nightly", triggers: [{ cron: "0 3 * * *" }] }, async ({ step }) => {
      await step.run("note", () => done.push("ran"));
    });
    await startPortal(app, [fn]);
    await executor.register();
    await Promise.all([executor.runCron("nightly"), executor.runCron("nightly")]);
    expect(done).toEqual(["ran"]);
    await expect(executor.runCron("daily")).rejects.toThrow("daily");
  });
});

describe("what comes in", () => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${executor.url}${path}`, { method: "POST", body: JSON.stringify(body), headers });

  test("is refused without the keys of this run, when malformed, and when too large", async () => {
    const key = executor.environment.INNGEST_EVENT_KEY ?? "";
    expect((await post("/e/guessed", { name: "try" })).status).toBe(401);
    expect((await post("/fn/register", { functions: [] })).status).toBe(401);
    expect((await post(`/e/${key}`, { data: {} })).status).toBe(400);
    expect((await post(`/e/${key}`, { name: "try", data: "x".repeat(600_000) })).status).toBe(413);
    expect((await post("/elsewhere", {})).status).toBe(404);
    expect((await post(`/e/${key}`, { name: "unheard of" })).status).toBe(200);
  });

  test("is refused once as much waits as may be kept, and taken again later", async () => {
    const app = client();
    const fn = app.createFunction({ id: "slow", triggers: [{ event: "try" }] }, async ({ step }) => {
      await step.sleep("long", "2m");
      await step.run("note", () => done.push("ran"));
    });
    await startPortal(app, [fn]);
    await executor.register();
    const send = (count: number) =>
      post(
        `/e/${executor.environment.INNGEST_EVENT_KEY}`,
        Array.from({ length: count }, () => ({ name: "try" })),
      );
    expect((await send(20)).status).toBe(200);
    expect((await send(1)).status).toBe(429);
    await waitFor(() => executor.getStats().completed === 20, { what: "all runs to end" });
    expect((await send(1)).status).toBe(200);
    expect(executor.getStats()).toMatchObject({ eventsReceived: 22, eventsRefused: 1 });
  });
});

test("it polls the portal, and stops at once with everything that waits", async () => {
  const app = client();
  const fn = app.createFunction({ id: "asleep", triggers: [{ event: "try" }] }, async ({ step }) => {
    await step.sleep("for ever", "7d");
    done.push("woken");
  });
  await startPortal(app, [fn]);
  await waitFor(() => lines.length > 0, { what: "the portal to be found" });
  await app.send({ name: "try", data: {} });
  await Promise.all([executor.stop(), executor.stop()]);
  expect(executor.getStats().polls).toBeGreaterThan(0);
  await expect(fetch(executor.url)).rejects.toThrow();
  expect(done).toEqual([]);
});
