import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, waitFor } from "@openhouse/pool-testing";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { launchFixture, type RunningPortal, startFixture } from "../support/portal.ts";
import { answers, type Context, get } from "./context.ts";

/** Signals within a second of the first are the same one. */
const ONE_WISH_MS = 1_100;

/** How a portal's process ends, and what keeps it from beginning. */
export function end(context: () => Context): void {
  let going: RunningPortal;
  const settings = () => ({ DATABASE_URL: context().databaseUrl, DB_DRAIN_MS: "600" });

  beforeEach(async () => {
    going = await startFixture(settings());
    return () => going.stop();
  });

  const draining = () =>
    waitFor(() => going.output().includes("web.draining"), { what: "the drain to begin" });

  const connectionsInUse = async () => {
    const { poolStats } = JSON.parse((await get(going, "/api/health/db")).body);
    return poolStats.totalCount - poolStats.idleCount;
  };

  test("SIGTERM: health says draining at once, requests are finished, clients are told to go, exit 0", async () => {
    await answers(going, "/api/health/db", 200);
    const slow = get(going, "/api/slow?seconds=1&afterwards=1");
    await waitFor(connectionsInUse, { what: "the slow request to be under way" });
    going.signal("SIGTERM");
    await draining();

    const health = await get(going, "/api/health/db");
    expect([health.status, JSON.parse(health.body).status]).toEqual([503, "draining"]);
    expect((await get(going, "/api/health/live")).status).toBe(200);
    const page = await get(going, "/documents");
    expect([page.status, page.headers.get("connection")]).toEqual([200, "close"]);
    const finished = await slow;
    expect([finished.status, finished.headers.get("connection")]).toEqual([200, "close"]);
    expect(await going.exited).toBe(0);
    expect(going.log().at(-1)).toMatchObject({ event: "web.drained", requestsCut: 0 });
  });

  test("a client that never lets go of its connection does not hold the end up", async () => {
    let ended = false;
    void going.exited.then(() => {
      ended = true;
    });
    const clients = Array.from({ length: 8 }, async () => {
      // Failures are expected here: a request may be on its way just as the connection is closed.
      while (!ended) await get(going, "/documents").catch(() => {});
    });
    going.signal("SIGTERM");
    const startedAt = performance.now();
    expect(await going.exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await Promise.all(clients);
  });

  test("a second signal ends it at once", async () => {
    const slow = get(going, "/api/slow?seconds=20").catch(() => "cut");
    await waitFor(async () => (await get(going, "/api/health/live")).status === 200, { what: "an answer" });
    going.signal("SIGTERM");
    await draining();
    await sleep(ONE_WISH_MS);
    const secondAt = performance.now();
    going.signal("SIGTERM");
    expect(await going.exited).toBe(143);
    expect(performance.now() - secondAt).toBeLessThan(5_000);
    expect(await slow).toBe("cut");
  });

  test("SIGINT ends it in the same order, also where it arrives twice, as npm passes Ctrl-C on", async () => {
    going.signal("SIGINT");
    await draining();
    going.signal("SIGINT");
    expect(await going.exited).toBe(0);
  });

  test("a connection that asks for nothing does not hold the end up", async () => {
    await answers(going, "/api/health/live", 200);
    const silent = connect(Number(new URL(going.url).port), "127.0.0.1");
    onTestFinished(() => void silent.destroy());
    silent.on("error", () => {}); // it is cut
    await waitFor(() => silent.readyState === "open", { what: "the connection" });
    const startedAt = performance.now();
    going.signal("SIGTERM");
    expect(await going.exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(going.log().at(-1)).toMatchObject({ event: "web.drained", requestsCut: 0 });
  });

  test("wrong settings end the start with one error that lists every fault and no secret", async () => {
    const wrong = launchFixture(await findFreePort(), {
      AUTH_SECRET: "tooshort",
      TENANT_SIGNING_KEY: "tooshort as well",
      DATABASE_URL: "mysql://root:hunter2@localhost/app",
      DB_POOL_MAX: "lots",
      DB_DRAIN_MS: "-1",
    });
    onTestFinished(() => wrong.stop());
    expect(await wrong.exited).toBe(1);
    const told = wrong.log().filter(({ event }) => event === "web.cannot_start");
    expect(told).toEqual([
      expect.objectContaining({
        faults: ["AUTH_SECRET", "DATABASE_URL", "DB_POOL_MAX", "DB_DRAIN_MS", "TENANT_SIGNING_KEY"].map(
          (name) => expect.stringMatching(new RegExp(`^${name}`)),
        ),
      }),
    ]);
    expect(wrong.output()).not.toMatch(/hunter2|tooshort/);
  });
}
