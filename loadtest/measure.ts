import { cpus } from "node:os";
import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import { generate } from "./generator/index.ts";
import type { Progress } from "./generator/run.ts";
import { checkLedger, type LedgerFindings } from "./ledger.ts";
import { ActivityWatch } from "./place/activity.ts";
import type { LoadDatabase } from "./place/database.ts";
import type { Beside } from "./place/jobs.ts";
import type { LoadPortal } from "./place/portal.ts";
import { type AcquireWaits, acquireWaits, type PortalFigures } from "./place/portal-figures.ts";
import { makeStock } from "./place/stock.ts";
import { codesNeeded, type Load, residentsNeeded } from "./plan.ts";
import type { GeneratorResult } from "./results.ts";

/** One load on one portal. */
export interface RunRequest {
  /** What it is called in tables. */
  readonly title: string;
  readonly loads: readonly Load[];
  /** Whether the database is restarted when half of it is done. */
  readonly restart: boolean;
}

export interface RunReport {
  readonly title: string;
  readonly loads: readonly Load[];
  readonly restart: { readonly atS: number; readonly tookMs: number } | null;
  readonly generator: Omit<GeneratorResult, "writes">;
  readonly connections: {
    readonly peak: number;
    readonly samples: readonly { readonly atS: number; readonly total: number; readonly lockWaits: number }[];
  };
  readonly waits: AcquireWaits | null;
  /** What the pool refused its callers: too long a wait, too long a queue. */
  readonly pool: { readonly timeouts: number; readonly shed: number };
  /** That the server had to break. */
  readonly deadlocks: number;
  /** Callers in the pool's queue, at most, of one look a second. */
  readonly mostWaiting: number;
  readonly portal: {
    readonly kind: string;
    readonly crashes: number;
    readonly unexpected: number;
    /** Of one core. */
    readonly cpuShare: number;
    readonly figures: readonly {
      readonly atS: number;
      readonly rssMb: number;
      /** Resident, and not of V8's heap, used or not. */
      readonly nativeMb: number;
      readonly heapMb: number;
      readonly waiting: number;
    }[];
  };
  readonly ledger: LedgerFindings;
}

export interface Surroundings {
  readonly database: LoadDatabase;
  readonly portal: LoadPortal;
  readonly beside?: Beside | undefined;
  readonly aborted: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Makes the people for a run, lets them come, and looks at what it did to portal and database. */
export async function measure(request: RunRequest, surroundings: Surroundings): Promise<RunReport> {
  const { database, portal, beside, aborted, onProgress } = surroundings;
  const { loads, restart } = request;
  const residents = residentsNeeded(loads);
  const stock = await makeStock(database.appUrl, residents + codesNeeded(loads));
  const activity = new ActivityWatch(database.watchUrl, database.appUrl);
  try {
    const before = { crashes: portal.crashes, unexpected: portal.unexpected };
    const deadlocksBefore = await deadlocks(database.watchUrl);
    let restarted: Promise<RunReport["restart"]> | undefined;
    const assignment = {
      origin: portal.origin,
      loads,
      retry: restart,
      residents: stock.codes.slice(0, residents),
      codes: stock.codes.slice(residents),
    };
    beside?.begin(stock);
    const { writes, ...generator } = await generate(assignment, {
      aborted,
      onProgress,
      onMidway(atS) {
        if (restart) restarted = restartNow(database, atS);
      },
    });
    const restartSeen = (await restarted) ?? null;
    await lookAgain(portal);
    await activity.stop();
    await beside?.end();
    const startedAt = Date.parse(generator.startedAt);
    const figures = during(portal.figures(), startedAt);
    return {
      ...request,
      restart: restartSeen,
      generator,
      connections: {
        peak: activity.peak,
        samples: during(activity.samples, startedAt).map(({ at, connections, lockWaits }) => ({
          atS: round((at - startedAt) / 1_000),
          total: connections,
          lockWaits,
        })),
      },
      waits: acquireWaits(figures[0], figures.at(-1)),
      pool: refusals(figures),
      deadlocks: (await deadlocks(database.watchUrl)) - deadlocksBefore,
      mostWaiting: Math.max(0, ...figures.map(({ waiting }) => waiting)),
      portal: {
        kind: kindOf(figures),
        crashes: portal.crashes - before.crashes,
        unexpected: portal.unexpected - before.unexpected,
        cpuShare: cpuShareOf(figures),
        figures: figures.map(({ at, rss, heapTotal, heapUsed, waiting }) => ({
          atS: Math.max(0, round((at - startedAt) / 1_000)),
          rssMb: round(rss / 2 ** 20),
          nativeMb: round((rss - heapTotal) / 2 ** 20),
          heapMb: round(heapUsed / 2 ** 20),
          waiting,
        })),
      },
      ledger: await checkLedger(database.appUrl, stock.tenantId, writes),
    };
  } finally {
    await activity.stop();
    if (!database.own) await stock.remove();
  }
}

/** Those since the load began, and the last one before, which counters are counted from. */
function during<T extends { readonly at: number }>(samples: readonly T[], startedAt: number): T[] {
  const first = samples.findIndex(({ at }) => at >= startedAt);
  return first < 0 ? [] : samples.slice(Math.max(0, first - 1));
}

async function restartNow(database: LoadDatabase, atS: number): Promise<RunReport["restart"]> {
  const beganAtMs = performance.now();
  await database.restart();
  return { atS: round(atS), tookMs: Math.round(performance.now() - beganAtMs) };
}

/** The server's count since it was made. */
async function deadlocks(watchUrl: string): Promise<number> {
  const statement = "select deadlocks::int as n from pg_stat_database where datname = current_database()";
  return asSuperuser(
    watchUrl,
    async (client) => (await client.query<{ n: number }>(statement)).rows[0]?.n ?? 0,
  );
}

function refusals(figures: readonly PortalFigures[]): RunReport["pool"] {
  const [first, last] = [figures[0]?.totals, figures.at(-1)?.totals];
  if (!last) return { timeouts: 0, shed: 0 };
  return { timeouts: last.timeouts - (first?.timeouts ?? 0), shed: last.shed - (first?.shed ?? 0) };
}

/** The portal's figures come once a second: the last ones are to be of after the load. */
async function lookAgain(portal: LoadPortal): Promise<void> {
  const seen = portal.figures().length;
  const more = () => portal.figures().length > seen;
  await waitFor(more, { timeoutMs: 3_000, intervalMs: 50, what: "figures of the portal" }).catch(() => {});
}

function kindOf(figures: readonly PortalFigures[]): string {
  if (figures.some(({ both }) => both))
    throw new Error("two pools were open in one portal: this is no comparison");
  return figures.at(-1)?.kind ?? "unknown";
}

function cpuShareOf(figures: readonly PortalFigures[]): number {
  const [first, last] = [figures[0], figures.at(-1)];
  if (first === undefined || last === undefined || first === last) return 0;
  const usedMs = figures.slice(1).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  return Math.min(cpus().length, usedMs / (last.at - first.at));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
