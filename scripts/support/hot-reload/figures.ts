import type { BackendWatch } from "./backends.ts";
import type { DevPortal } from "./dev-portal.ts";

const RELOADED_WITHIN_MS = 30_000;

/** What requests and the server's own count of backends say of one portal after a change. */
export interface Figures {
  readonly requests: number;
  readonly failures: readonly string[];
  /** Backends of the pool, counted right after the requests. */
  readonly pooled: readonly number[];
  /** Backends of the health probe, counted after a request of the health route. */
  readonly probes: readonly number[];
  /** The most of both together, at any time since the change. */
  readonly peak: number;
}

/**
 * Sends requests until every answer that tells of `what` tells this number, and counts at once.
 *
 * @throws {Error} that was not so within 30 s; with what the portal has printed.
 */
export async function untilTold(
  watch: BackendWatch,
  portal: DevPortal,
  what: string,
  number: number,
): Promise<Figures> {
  const deadline = performance.now() + RELOADED_WITHIN_MS;
  const failures: string[] = [];
  let requests = 0;
  for (;;) {
    const load = await portal.load();
    const { pooled } = await watch.of(portal.database);
    requests += load.requests;
    failures.push(...load.failures);
    const telling = load.told.filter((numbers) => numbers.has(what));
    if (telling.length > 0 && telling.every((numbers) => numbers.get(what) === number)) {
      const probe = await portal.probe();
      const { probes } = await watch.of(portal.database);
      requests += probe.requests;
      failures.push(...probe.failures);
      return { requests, failures, pooled, probes, peak: watch.peakOf(portal.database) };
    }
    if (performance.now() > deadline) {
      const told = telling.map((numbers) => numbers.get(what)).join(", ");
      throw new Error(
        `${portal.name}: ${what} was to be ${number}; after ${RELOADED_WITHIN_MS / 1000} s answers tell: ${told}\n` +
          `${failures.join("\n")}\n${portal.output()}`,
      );
    }
  }
}
