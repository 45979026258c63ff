import { healthCheck, type ShareStats } from "@openhouse/db/client";
import {
  type DatabaseObservation,
  type DatabaseServers,
  databaseHolders,
  databaseServers,
  databaseShares,
  observeDatabase,
  type SlowStatement,
  slowStatements,
} from "@openhouse/db/figures";
import { describePoolSize, loadBetween, type PoolHolder, quantileMs } from "@openhouse/pool";
import { JUDGED_MS, type Judgement, joinFindings, judge } from "./judge.ts";
import { judgeServers } from "./judge-servers.ts";
import { type ProcessName, processName, recorder } from "./own-recorder.ts";
import type { RangeName, Reading } from "./reading.ts";
import { countsBetween, histogramBetween, LATELY_MS, type RecentTotals } from "./recent-totals.ts";
import { type RouteFigures, routesBetween } from "./route-figures.ts";

const HOLDERS_SHOWN = 8;
const SLOW_SHOWN = 8;

/** What is shown of one process. */
export interface ProcessFigures extends Judgement {
  readonly process: ProcessName & { readonly mode: DatabaseObservation["mode"] };
  readonly now: Reading;
  /** Those who have held a connection longest, and how many hold one. */
  readonly holders: readonly PoolHolder[];
  readonly holdersCount: number;
  /** Each text once, with the longest that it took; the newest first. */
  readonly slowStatements: readonly SlowStatement[];
  readonly lately: Lately | null;
  readonly shares: Readonly<Record<"background" | "strangers", ShareStats>> | null;
  /** Several hosts, and replicas; absent where the process is of a version before they were told. */
  readonly servers?: DatabaseServers;
}

/** What has happened in the last five minutes. */
interface Lately {
  /** How long callers waited for a connection, in milliseconds; null where nobody asked for one. */
  readonly acquireMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** What failed and how often, the most first. */
  readonly errors: readonly { kind: string; of: "statements" | "connecting"; count: number }[];
  /** By route, the worst first; absent where the process is of a version before that was told. */
  readonly routes?: readonly RouteFigures[];
  /** Such as `5.5 busy of 20: 11 would do`; null where nothing was used. */
  readonly sizing: string | null;
}

/** Of this process. Takes no connection and waits for nothing; a probe that it makes due is told in a later call. */
export function ownFigures(): ProcessFigures {
  void healthCheck(); // whoever looks wants to know how the database is
  const now = recorder.latest;
  const holders = databaseHolders();
  const servers = databaseServers();
  return {
    process: { ...processName(), mode: observeDatabase().mode },
    now,
    ...joinFindings([...judge(recorder.last(JUDGED_MS), holders).findings, ...judgeServers(servers)]),
    holders: holders.slice(0, HOLDERS_SHOWN),
    holdersCount: holders.length,
    slowStatements: eachOnce(slowStatements()).slice(0, SLOW_SHOWN),
    lately: latelyOf(recorder.totals, recorder.last(LATELY_MS)),
    shares: databaseShares() ?? null,
    servers,
  };
}

export function ownHistory(range: RangeName): readonly Reading[] {
  return recorder.of(range);
}

function latelyOf({ span }: RecentTotals, readings: readonly Reading[]): Lately | null {
  if (span === undefined) return null;
  const { before, after, elapsedMs } = span;
  const wait = histogramBetween(before.wait, after.wait);
  const ms = (part: number) => Math.round((quantileMs(wait, part) ?? 0) * 10) / 10;
  const load = loadBetween(before.use, after.use, elapsedMs);
  // Uses count when they are over; what is held for minutes shows in the readings alone.
  const seenBusy = readings.reduce((sum, { used }) => sum + used, 0) / Math.max(1, readings.length);
  return {
    acquireMs: wait.count === 0 ? null : { p50: ms(0.5), p95: ms(0.95), p99: ms(0.99) },
    errors: [
      ...countsBetween(before.connectErrors, after.connectErrors).map((each) => ({
        ...each,
        of: "connecting" as const,
      })),
      ...countsBetween(before.statementErrors, after.statementErrors).map((each) => ({
        ...each,
        of: "statements" as const,
      })),
    ].sort((one, other) => other.count - one.count),
    routes: routesBetween(before.routes, after.routes),
    sizing:
      load === undefined
        ? null
        : describePoolSize({ ...load, busy: Math.max(load.busy, seenBusy) }, readings.at(-1)?.max ?? 0),
  };
}

function eachOnce(statements: readonly SlowStatement[]): SlowStatement[] {
  const byText = new Map<string, SlowStatement>();
  for (const each of statements) {
    const newest = byText.get(each.fingerprint);
    const durationMs = Math.max(each.durationMs, newest?.durationMs ?? 0);
    byText.set(each.fingerprint, { ...(newest ?? each), durationMs });
  }
  return [...byText.values()];
}
