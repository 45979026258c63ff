import type { ErrorKind, PoolTotals } from "@openhouse/pool";
import { quantileMs } from "@openhouse/pool";
import { countsBetween, histogramBetween } from "./recent-totals.ts";

type Routes = PoolTotals["routes"];

/** What the statements of one route have done lately. */
export interface RouteFigures {
  /** As a pattern, such as `/developments/[id]`. */
  readonly route: string;
  readonly statements: number;
  /** In milliseconds; null where it was longer than two minutes. */
  readonly p95Ms: number | null;
  /** The most first. */
  readonly errors: readonly { readonly kind: ErrorKind; readonly count: number }[];
}

/** Of the routes that were asked for between two readings: those with most errors first, then the slowest. */
export function routesBetween(before: Routes, after: Routes): RouteFigures[] {
  return Object.entries(after)
    .map(([route, { run, errors }]) => {
      const known = before[route];
      const lately = known === undefined ? run : histogramBetween(known.run, run);
      const p95Ms = quantileMs(lately, 0.95) ?? 0;
      return {
        route,
        statements: lately.count,
        p95Ms: Number.isFinite(p95Ms) ? p95Ms : null,
        errors: countsBetween(known?.errors ?? {}, errors),
      };
    })
    .filter(({ statements }) => statements > 0)
    .sort((one, other) => errorsOf(other) - errorsOf(one) || slowness(other) - slowness(one));
}

function errorsOf({ errors }: RouteFigures): number {
  return errors.reduce((sum, { count }) => sum + count, 0);
}

function slowness({ p95Ms }: RouteFigures): number {
  return p95Ms ?? Number.MAX_VALUE;
}
