import { cpus } from "node:os";
import { waitFor } from "@openhouse/pool-testing";
import { queryRow } from "@openhouse/tooling/measure/database";
import { ActivityWatch } from "./environment/activity.ts";
import type { LoadDatabase } from "./environment/database.ts";
import type { JobsRunner } from "./environment/jobs-runner.ts";
import type { LoadPortal } from "./environment/portal.ts";
import { type AcquireWaits, acquireWaits, type PortalFigures } from "./environment/portal-figures.ts";
import { seedTenant } from "./environment/seeded-tenant.ts";
import { generate } from "./generator/process.ts";
import type { Progress } from "./generator/run.ts";
import { checkLedger, type LedgerFindings } from "./ledger.ts";
import { codesNeeded, type RunRequest, residentsNeeded } from "./loads.ts";
import type { GeneratorResult } from "./results.ts";

export interface RunReport extends Omit<RunRequest, "restart"> {
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

export interface RunContext {
  readonly database: LoadDatabase;
  readonly portal: LoadPortal;
  readonly jobs?: JobsRunner | undefined;
  readonly aborted: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Makes the people for a run, lets them come, and looks at what it did to portal and database. */
export async function measure(request: RunRequest, context: RunContext): Promise<RunReport> {
  const { database, portal, jobs, aborted, onProgress } = context;
  const { loads, restart } = request;
  const residents = residentsNeeded(loads);
  const tenant = await seedTenant(database.appUrl, residents + codesNeeded(loads));
  const activity = new ActivityWatch(database.watchUrl, database.appUrl);
  try {
    const { crashes, unexpected } = portal;
    const deadlocks = await deadlocksOf(database.watchUrl);
    let restarted: Promise<RunReport["restart"]> | undefined;
    const assignment = {
      origin: portal.origin,
      loads,
      retry: restart,
      residents: tenant.codes.slice(0, residents),
      codes: tenant.codes.slice(residents),
    };
    jobs?.begin(tenant);
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
    await jobs?.end();
    const startedAt = Date.parse(generator.startedAt);
    const atS = (at: number) => Math.max(0, round((at - startedAt) / 1_000));
    const figures = during(portal.figures(), startedAt);
    const [first, last] = [figures[0], figures.at(-1)];
    const refused = (kind: "timeouts" | "shed") => (last?.totals?.[kind] ?? 0) - (first?.totals?.[kind] ?? 0);
    if (figures.some(({ both }) => both))
      throw new Error("two pools were open in one portal: this is no comparison");
    return {
      ...request,
      restart: restartSeen,
      generator,
      connections: {
        peak: Math.max(0, ...activity.samples.map(({ connections }) => connections)),
        samples: during(activity.samples, startedAt).map(({ at, connections, lockWaits }) => ({
          atS: atS(at),
          total: connections,
          lockWaits,
        })),
      },
      waits: acquireWaits(first, last),
      pool: { timeouts: refused("timeouts"), shed: refused("shed") },
      deadlocks: (await deadlocksOf(database.watchUrl)) - deadlocks,
      mostWaiting: Math.max(0, ...figures.map(({ waiting }) => waiting)),
      portal: {
        kind: last?.kind ?? "unknown",
        crashes: portal.crashes - crashes,
        unexpected: portal.unexpected - unexpected,
        cpuShare: cpuShareOf(figures),
        figures: figures.map(({ at, rss, heapTotal, heapUsed, waiting }) => ({
          atS: atS(at),
          rssMb: round(rss / 2 ** 20),
          nativeMb: round((rss - heapTotal) / 2 ** 20),
          heapMb: round(heapUsed / 2 ** 20),
          waiting,
        })),
      },
      ledger: await checkLedger(database.appUrl, tenant.tenantId, writes),
    };
  } finally {
    await activity.stop();
    if (database.ownerUrl !== undefined) await tenant.remove(database.ownerUrl);
  }
}

/** Those since the load began, and the last one before, which counters are counted from. */
function during<T extends { readonly at: number }>(samples: readonly T[], startedAt: number): T[] {
  const first = samples.findIndex(({ at }) => at >= startedAt);
  return first < 0 ? [] : samples.slice(Math.max(0, first - 1));
}

async function restartNow(database: LoadDatabase, atS: number): Promise<RunReport["restart"]> {
  const beganAtMs = performance.now();
  await database.restart?.();
  return { atS: round(atS), tookMs: Math.round(performance.now() - beganAtMs) };
}

/** The server's count since it was made. */
async function deadlocksOf(watchUrl: string): Promise<number> {
  const statement = "select deadlocks::int as n from pg_stat_database where datname = current_database()";
  return (await queryRow<{ n: number }>(watchUrl, statement))?.n ?? 0;
}

/** The portal's figures come once a second: the last ones are to be of after the load. */
async function lookAgain(portal: LoadPortal): Promise<void> {
  const seen = portal.figures().length;
  const more = () => portal.figures().length > seen;
  await waitFor(more, { timeoutMs: 3_000, intervalMs: 50, what: "figures of the portal" }).catch(() => {});
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
