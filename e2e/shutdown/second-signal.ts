import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { closeGate } from "../support/gate.ts";
import { Visitor } from "../support/visitor.ts";
import { DEADLINE_MS, type Scene, untilDraining, untilNoBackend } from "./scene.ts";

/** Two signals in so short a time are one: Ctrl-C reaches npm and Next, and npm passes its own on. In milliseconds. */
const ONE_WISH_MS = 1_100;
const EXIT_CODE = { SIGTERM: 143, SIGINT: 130 } as const;

/** How a signal arrives, and what a second one does. */
export function secondSignal(scene: () => Scene): void {
  /** A signed-in visitor's request that is certainly under way. */
  async function requestUnderWay(origin: string, cookie: string) {
    const gate = await closeGate(scene().serverUrl, "sessions", "access exclusive");
    const visitor = new Visitor(origin, cookie);
    const answer = visitor.get("/").finally(() => visitor.leave());
    answer.catch(() => {});
    await waitFor(async () => (await gate.heldUp()) === 1, { what: "the request to be under way" });
    return { gate, answer };
  }

  test.each(["SIGTERM", "SIGINT"] as const)("a second %s ends it at once", async (signal) => {
    const { subject, start } = scene();
    const portal = await start(20_000);
    const { gate, answer } = await requestUnderWay(portal.url, await subject.signIn(portal.url));
    portal.signal(signal, "npm");
    await untilDraining(portal);
    await sleep(ONE_WISH_MS);
    const secondAtMs = performance.now();
    portal.signal(signal, "npm");
    expect(await portal.ended).toEqual({ code: EXIT_CODE[signal], signal: null });
    expect(performance.now() - secondAtMs).toBeLessThan(2_000);
    expect(portal.lives()).toBe(false);
    await expect(answer).rejects.toThrow();
    await gate.open();
    await untilNoBackend(scene().serverUrl);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s to the whole process group, as systemd and Ctrl-C send it, is one signal",
    async (signal) => {
      const { subject, serverUrl, start } = scene();
      const portal = await start(300);
      const { gate, answer } = await requestUnderWay(portal.url, await subject.signIn(portal.url));
      const signalAtMs = performance.now();
      portal.signal(signal, "group");
      await untilDraining(portal);
      await gate.open();
      expect(await answer).toMatchObject({ status: 200, saysClose: true });
      expect(await portal.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - signalAtMs).toBeLessThan(DEADLINE_MS);
      await waitFor(() => !portal.lives(), { what: "the process group to be gone" });
      await untilNoBackend(serverUrl);
    },
  );
}
