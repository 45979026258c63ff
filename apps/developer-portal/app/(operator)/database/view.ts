import type { ProcessRow } from "@openhouse/web/figures/fleet";
import { isRangeName, RANGES, type RangeName } from "@openhouse/web/figures/reading";

/** Of which process the page shows what: its address says so, and so can be sent to somebody. */
export interface View {
  /** As in the process's row; empty for the one that shows the page. */
  readonly origin: string;
  readonly range: RangeName;
  /** The moment that is shown, in milliseconds since 1970; null: now, as it goes on. */
  readonly atMs: number | null;
}

export type SearchParams = Readonly<Record<string, string | string[] | undefined>>;

/** What an address asks for: without a process, the one that does worst of those that answer. */
export function readView(
  { process, range, at }: SearchParams,
  rows: readonly ProcessRow[],
  nowMs: number,
): View {
  const isKnown = rows.some(({ origin }) => origin === process);
  const worst = rows.find(({ isReachable }) => isReachable);
  const parsedMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  const atMs = Number.isNaN(parsedMs) ? null : Math.min(parsedMs, nowMs);
  return {
    origin: isKnown && typeof process === "string" ? process : (worst?.origin ?? ""),
    range: isRangeName(range) ? range : rangeFor(atMs === null ? 0 : nowMs - atMs),
    atMs,
  };
}

export function addressOf({ origin, range, atMs }: View): string {
  const asked = new URLSearchParams({ process: origin, range });
  if (atMs !== null) asked.set("at", new Date(atMs).toISOString());
  return `/database?${asked}`;
}

/** The finest range that reaches so far back. */
function rangeFor(agoMs: number): RangeName {
  if (agoMs < RANGES["5m"].spanMs) return "5m";
  return agoMs < RANGES["1h"].spanMs ? "1h" : "24h";
}
