import type { PacedLoad } from "../loads.ts";
import { failureOf } from "./failure.ts";
import { scan } from "./onboarding.ts";
import { openLoop } from "./open-loop.ts";
import { search } from "./search.ts";
import type { VirtualUsers } from "./virtual-users.ts";

/** Requests at a fixed rate: scans, each with a code of its own from an address of its own, searches, health probes. */
export function paced(users: VirtualUsers, load: PacedLoad, codes: readonly string[]): Promise<void> {
  const requests = {
    onboarding: (index: number, sinceMs: number) => scan(users, codes[index] ?? "", index, sinceMs),
    search: (index: number, sinceMs: number) => search(users, index, sinceMs),
    health: (_index: number, sinceMs: number) => probe(users, sinceMs),
  };
  const fire = (index: number, intendedAtMs: number) => {
    users.lateness.record(performance.now() - intendedAtMs);
    return requests[load.kind](index, intendedAtMs);
  };
  return openLoop(load, fire, users.aborted);
}

function probe(users: VirtualUsers, sinceMs: number): Promise<unknown> {
  return users.perform("health probe", sinceMs, async () => {
    const answer = await users.line.ask({ path: "/api/health/db" });
    return answer.status === 200 ? { value: true } : { failure: failureOf(answer) };
  });
}
