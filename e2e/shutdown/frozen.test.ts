import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { Visitor } from "../support/visitor.ts";
import { test, untilDraining } from "./fixture.ts";

const DRAIN_MS = 1_500;
const VISITORS = 8;

/** The process has no time, as under a CPU quota or a long garbage collection, just as its window ends. */
test.for(["developer", "tenant"] as const)(
  "a request that reached the %s portal in its drain window is answered, also when it is read after it",
  async (which, { of }) => {
    const { subject, start } = of(which);
    const portal = await start(DRAIN_MS);
    const cookie = await subject.signIn(portal.url);
    const known = Array.from({ length: VISITORS }, () => new Visitor(portal.url, cookie));
    await Promise.all(known.map((visitor) => visitor.get("/")));
    const unknown = Array.from({ length: VISITORS }, () => new Visitor(portal.url, cookie));

    const signalAtMs = performance.now();
    portal.signal("SIGTERM", "npm");
    await untilDraining(portal);
    portal.signal("SIGSTOP", "group");
    const answers = Promise.allSettled([...known, ...unknown].map((visitor) => visitor.get("/")));
    const sentAfterMs = performance.now() - signalAtMs;
    await sleep(DRAIN_MS + 200); // until the window is over
    portal.signal("SIGCONT", "group");

    expect(sentAfterMs).toBeLessThan(DRAIN_MS);
    const outcomes = (await answers).map((each) =>
      each.status === "fulfilled" ? each.value : String(each.reason),
    );
    expect(outcomes).toEqual(
      [...known, ...unknown].map((_, index) =>
        expect.objectContaining({ status: 200, saysClose: true, reused: index < VISITORS }),
      ),
    );
    expect(await portal.ended).toEqual({ code: 0, signal: null });
    await waitFor(() => !portal.lives(), { what: "the process group to be gone" });
    for (const visitor of [...known, ...unknown]) visitor.leave();
  },
);
