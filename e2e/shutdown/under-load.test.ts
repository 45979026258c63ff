import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { Crowd } from "../support/crowd.ts";
import { knockUntilRefused } from "../support/knocking.ts";
import type { Answer } from "../support/visitor.ts";
import { ask, DEADLINE_MS, EACH_SIGNAL, health, holdEverythingUp, test, untilNoBackend } from "./fixture.ts";

const VISITORS = 24;
/** Long, so that all of it fits in on a busy machine too. */
const DRAIN_MS = 8_000;

/** One signal, while every connection is in use, requests queue for them, and a write is half done. */
test.for(EACH_SIGNAL)(
  "the %s portal under load gets %s: nothing fails, exit code 0",
  async ([which, signal], { of }) => {
    const context = of(which);
    const { subject, serverUrl, start } = context;
    const portal = await start(DRAIN_MS);
    const cookie = await subject.signIn(portal.url);
    const [first, second] = [
      await subject.fillInForm(portal.url, cookie),
      await subject.fillInForm(portal.url, cookie),
    ];
    const crowd = new Crowd(portal.url, cookie, await subject.visits(portal.url, cookie), VISITORS);
    crowd.start();
    await waitFor(() => crowd.answers.filter(({ reused }) => reused).length >= VISITORS, {
      timeoutMs: 20_000,
      what: "the load to be under way, on kept connections",
    });
    expect(crowd.answers.filter(({ saysClose }) => saysClose)).toEqual([]);

    const atTheSignal = await holdEverythingUp(context, portal, first, VISITORS);
    expect(crowd.underWay).toBeGreaterThanOrEqual(VISITORS / 2);
    expect((await ask(portal, "/api/health/ready")).status).toBe(200);
    const degraded = async () => {
      const { httpStatus, status } = await health(portal);
      return httpStatus === 200 && status === "degraded";
    };
    await waitFor(degraded, { what: "health to say degraded" });

    const signalAtMs = performance.now();
    portal.signal(signal, "npm");
    const knocking = knockUntilRefused(portal.url, "/sign-in");

    // Health says so first, while new connections are served like all others.
    const isReady = async () => (await ask(portal, "/api/health/ready")).status === 200;
    await waitFor(async () => !(await isReady()), { what: "the load balancer to be told" });
    expect(await health(portal)).toMatchObject({ httpStatus: 503, status: "draining" });
    expect((await ask(portal, "/api/health/live")).status).toBe(200);
    expect(await ask(portal, "/sign-in")).toMatchObject({ status: 200, saysClose: true });
    const toldAtMs = performance.now();

    // The load goes on while the second form makes its way through the queue.
    const firstAnswer = await atTheSignal.release();
    const sentSince = (answers: readonly Answer[]) => answers.filter(({ sentAtMs }) => sentAtMs > toldAtMs);
    await waitFor(() => sentSince(crowd.answers).length > VISITORS / 2, {
      what: "the load to be served that came since the load balancer was told",
    });
    const atTheEnd = await holdEverythingUp(context, portal, second, VISITORS);
    crowd.stop();
    const knocks = await knocking;
    expect(crowd.underWay).toBeGreaterThanOrEqual(VISITORS / 2);

    // Nobody new comes in; all that is under way or queued is finished.
    const secondAnswer = await atTheEnd.release();
    await crowd.gone();
    expect(await portal.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalAtMs).toBeLessThan(DEADLINE_MS);
    await waitFor(() => !portal.lives(), { what: "the process group to be gone" });
    await untilNoBackend(serverUrl);

    expect(crowd.failures).toEqual([]);
    const after = crowd.answers.filter(({ headersAtMs }) => headersAtMs > toldAtMs);
    expect(sentSince(after).length).toBeGreaterThan(VISITORS / 2);
    expect(after.filter(({ saysClose }) => !saysClose)).toEqual([]);

    const windowEndMs = signalAtMs + DRAIN_MS;
    const inTheWindow = knocks.filter(
      ({ connectedAtMs, endedAtMs }) => Math.min(connectedAtMs, endedAtMs) < windowEndMs,
    );
    expect(inTheWindow.filter(({ outcome }) => outcome !== 200)).toEqual([]);
    expect(knocks.at(-1)?.outcome).toBe("ECONNREFUSED");

    for (const [form, answer] of [[first, firstAnswer] as const, [second, secondAnswer] as const]) {
      expect(answer.saysClose).toBe(true);
      expect(form.acknowledged(answer), `${answer.status} ${answer.body.slice(0, 200)}`).toBe(true);
      expect(await form.kept(answer)).toBe(true);
    }
    expect(portal.output()).toMatch(/"event":"web\.drained".*"requestsCut":0/);
    expect(portal.output()).not.toMatch(/"level":"error"|unhandled|uncaught/i);
  },
);
