import type { KnownActivity, ServerSession } from "@openhouse/db/figures";
import type { ProcessRow } from "./fleet.ts";
import { type Finding, type Judgement, joinFindings, seconds } from "./judge.ts";

/** From when on a statement has waited for a lock for long, in milliseconds. */
const BLOCKED_LONG_MS = 10_000;
/** From when on a transaction has been open for long, in milliseconds. */
const TRANSACTION_LONG_MS = 300_000;

/**
 * Applies the thresholds of docs/operating/monitoring.md to who waits for a lock, and to transactions that last. Nothing of a reading
 * that is stale: why the database cannot be asked is what its health says.
 */
export function judgeActivity(activity: KnownActivity | null): readonly Finding[] {
  if (activity === null || activity.isStale) return [];
  return [ofBlocked(activity), ofTransactions(activity)].filter((finding) => finding !== undefined);
}

/** The rows of processes that answer, each with what was found of the database that all of them share. */
export function withActivity(
  rows: readonly ProcessRow[],
  activity: KnownActivity | null,
): readonly ProcessRow[] {
  const findings = judgeActivity(activity);
  if (findings.length === 0) return rows;
  return rows.map((row) => {
    if (row.figures === null || !row.isReachable) return row;
    const judgement: Judgement = joinFindings([...row.figures.findings, ...findings]);
    return { ...row, figures: { ...row.figures, ...judgement } };
  });
}

function ofBlocked({ pairs: [longest], blockedCount }: KnownActivity): Finding | undefined {
  const waitsMs = longest?.waitsMs ?? 0;
  if (longest === undefined || waitsMs < BLOCKED_LONG_MS) return undefined;
  const who =
    blockedCount === 1
      ? `A statement has waited for a lock for ${seconds(waitsMs)}`
      : `${blockedCount} statements wait for a lock, the first for ${seconds(waitsMs)}`;
  return { level: "look", text: `${who}: in its way is ${nameOf(longest.blocker)}.` };
}

function ofTransactions({ transactions: [oldest] }: KnownActivity): Finding | undefined {
  const openMs = oldest?.transactionMs ?? 0;
  if (oldest === undefined || openMs < TRANSACTION_LONG_MS) return undefined;
  const minutes = Math.floor(openMs / 60_000);
  const state = oldest.state === null ? "" : `, ${oldest.state}`;
  return {
    level: "look",
    text: `A transaction has been open for ${minutes} min: ${nameOf(oldest)}${state}.`,
  };
}

function nameOf({ pid, applicationName }: ServerSession): string {
  if (pid === 0) return "a prepared transaction";
  return applicationName === "" ? `pid ${pid}` : `${applicationName} (pid ${pid})`;
}
