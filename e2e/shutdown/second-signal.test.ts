import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { lockTable } from "../support/table-lock.ts";
import { Visitor } from "../support/visitor.ts";
import { DEADLINE_MS, EACH_SIGNAL, test, untilDraining, untilNoBackend } from "./fixture.ts";

/** Two signals in so short a time are one: Ctrl-C reaches npm and Next, and npm passes its own on. In milliseconds. */
const ONE_WISH_MS = 1_100;
const EXIT_CODE = { SIGTERM: 143, SIGINT: 130 } as const;

/** A signed-in visitor's request that is certainly under way. */
async function requestUnderWay(serverUrl: string, origin: string, cookie: string) {
  const lock = await lockTable(serverUrl, "sessions", "access exclusive");
  const visitor = new Visitor(origin, cookie);
  const answer = visitor.get("/").finally(() => visitor.leave());
  answer.catch(() => {});
  await waitFor(async () => (await lock.blocked()) === 1, { what: "the request to be under way" });
  return { lock, answer };
}

test.for(EACH_SIGNAL)("the %s portal ends at once at a second %s", async ([which, signal], { of }) => {
  const { subject, serverUrl, start } = of(which);
  const portal = await start(20_000);
  const { lock, answer } = await requestUnderWay(serverUrl, portal.url, await subject.signIn(portal.url));
  portal.signal(signal, "npm");
  await untilDraining(portal);
  await sleep(ONE_WISH_MS);
  const secondAtMs = performance.now();
  portal.signal(signal, "npm");
  expect(await portal.ended).toEqual({ code: EXIT_CODE[signal], signal: null });
  expect(performance.now() - secondAtMs).toBeLessThan(2_000);
  expect(portal.lives()).toBe(false);
  await expect(answer).rejects.toThrow();
  await lock.release();
  await untilNoBackend(serverUrl);
});

test.for(EACH_SIGNAL)(
  "to the %s portal, %s to the whole process group, as systemd and Ctrl-C send it, is one signal",
  async ([which, signal], { of }) => {
    const { subject, serverUrl, start } = of(which);
    const portal = await start(300);
    const { lock, answer } = await requestUnderWay(serverUrl, portal.url, await subject.signIn(portal.url));
    const signalAtMs = performance.now();
    portal.signal(signal, "group");
    await untilDraining(portal);
    await lock.release();
    expect(await answer).toMatchObject({ status: 200, saysClose: true });
    expect(await portal.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalAtMs).toBeLessThan(DEADLINE_MS);
    await waitFor(() => !portal.lives(), { what: "the process group to be gone" });
    await untilNoBackend(serverUrl);
  },
);
