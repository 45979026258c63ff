import { waitFor } from "@openhouse/pool-testing";
import type { BackendWatch } from "./backends.ts";
import { Borrower } from "./borrower.ts";
import type { DevPortal } from "./dev-portal.ts";
import { type Figures, untilTold } from "./figures.ts";
import { FIRST_MAX, type Laboratory, poolSettings } from "./laboratory.ts";

const OLD_POOL_ENDS_WITHIN_MS = 10_000;

/** A way in which a developer changes settings while `next dev` runs. */
export interface SettingsChange {
  readonly what: string;
  /** The pool's max afterwards; each change must bring another one. */
  readonly max: number;
  apply(): void;
}

/** What was seen of one change, in one portal, while a request kept a connection of the old pool. */
export interface ChangeRecord extends Figures {
  readonly portal: string;
  readonly what: string;
  readonly max: number;
  /** Backends in front of the change. */
  readonly before: number;
  /** Backends of the new pool while that request was under way. */
  readonly pooledMeanwhile: readonly number[];
  readonly borrowed: {
    /** The backend that the request had when the settings changed. */
    readonly pid: number;
    /** Still, when the new pool served all others. */
    readonly wasUnderWay: boolean;
    /** All that was left of the old pool then. */
    readonly kept: readonly number[];
    /** The backend that it had at its end. */
    readonly servedBy: number | undefined;
  };
  /** From the end of that request until the old pool had no backend any more, in milliseconds. */
  readonly endedMs: number;
}

/**
 * Changes of settings, each with another max than the one before: first in the `.env` at the root, which is read again
 * when `client.ts` is saved; then in a portal's own, which Next itself watches, and which hides the one at the root.
 *
 * @param times each way.
 * @param firstSave number of the next save of `client.ts`.
 */
export function settingsChanges(
  { copy, portals }: Laboratory,
  times: number,
  firstSave: number,
): SettingsChange[] {
  const atRoot = (max: number, save: number) => () => {
    copy.saveSettings(poolSettings(max));
    copy.save("client.ts", save);
  };
  const own = (max: number) => () => {
    for (const { name } of portals) copy.saveSettings(poolSettings(max), name);
  };
  return Array.from({ length: 2 * times }, (_, index) => {
    const max = index % 2 === 0 ? FIRST_MAX - 1 : FIRST_MAX + 1;
    if (index < times)
      return { what: "root .env, client.ts saved", max, apply: atRoot(max, firstSave + index) };
    return { what: "the portal's .env", max, apply: own(max) };
  });
}

/**
 * Changes the settings while in each portal a request keeps a connection of the old pool.
 *
 * @throws {Error} the new settings did not count within 30 s, the old pool did not end within 10, or that request failed.
 */
export async function changeSettings(
  laboratory: Laboratory,
  change: SettingsChange,
): Promise<ChangeRecord[]> {
  const { portals, watch } = laboratory;
  const borrowings: Borrowing[] = [];
  try {
    for (const portal of portals) {
      const borrower = await Borrower.start(laboratory, portal);
      const { pooled, probes } = await watch.of(portal.database);
      borrowings.push({ portal, borrower, old: new Set([...pooled, ...probes]) });
    }
    watch.resetPeaks();
    change.apply();
    return await Promise.all(borrowings.map((borrowing) => observe(watch, borrowing, change)));
  } finally {
    for (const { borrower } of borrowings) await borrower.finish().catch(() => {}); // observe() has told
  }
}

interface Borrowing {
  readonly portal: DevPortal;
  readonly borrower: Borrower;
  /** Backends that there were in front of the change. */
  readonly old: ReadonlySet<number>;
}

async function observe(
  watch: BackendWatch,
  { portal, borrower, old }: Borrowing,
  { what, max }: SettingsChange,
): Promise<ChangeRecord> {
  const meanwhile = await untilTold(watch, portal, "max", max);
  const oldOnes = async () => {
    const { pooled, probes } = await watch.of(portal.database);
    return [...pooled, ...probes].filter((pid) => old.has(pid));
  };
  const waitForOld = (count: number) =>
    waitFor(async () => (await oldOnes()).length <= count, {
      timeoutMs: OLD_POOL_ENDS_WITHIN_MS,
      what: `${portal.name}, ${what}: the old pool to have no more than ${count} of ${old.size} connections`,
    });

  await waitForOld(1);
  const kept = await oldOnes();
  const wasUnderWay = borrower.isUnderWay;
  const finishedAt = performance.now();
  const servedBy = await borrower.finish();
  await waitForOld(0);
  const endedMs = performance.now() - finishedAt;

  const afterwards = await untilTold(watch, portal, "max", max);
  return {
    portal: portal.name,
    what,
    max,
    before: old.size,
    requests: meanwhile.requests + afterwards.requests,
    failures: [...meanwhile.failures, ...afterwards.failures],
    pooledMeanwhile: meanwhile.pooled.filter((pid) => !old.has(pid)),
    pooled: afterwards.pooled,
    probes: afterwards.probes,
    peak: afterwards.peak,
    borrowed: { pid: borrower.pid, wasUnderWay, kept, servedBy },
    endedMs,
  };
}
