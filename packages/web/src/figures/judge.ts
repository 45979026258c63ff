import type { PoolHolder } from "@openhouse/pool";
import type { Reading } from "./reading.ts";
import { faultWords } from "./words.ts";

/** The columns of the table in docs/operating/monitoring.md, whose thresholds these are. */
export type Level = "good" | "look" | "act";

/** What was found, in a sentence. */
export interface Finding {
  readonly level: Exclude<Level, "good">;
  readonly text: string;
}

export interface Judgement {
  readonly level: Level;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

const SECOND = 1_000;
const MANY_IN_USE = 0.9;
const BRIEFLY_MS = 3 * SECOND;
const LONG_MS = 30 * SECOND;
const MINUTE_MS = 60 * SECOND;
const MANY_WAITING = 5;
const SLOW_MS = 200;
const TOO_SLOW_MS = 500;
const HELD_LONG_MS = 10 * SECOND;

/** How far back {@link judge} looks. */
export const JUDGED_MS = MINUTE_MS + 5 * SECOND;

/**
 * Applies the thresholds to the readings of the last minute.
 *
 * @param readings by the second, the oldest first, up to now.
 */
export function judge(readings: readonly Reading[], holders: readonly PoolHolder[] = []): Judgement {
  const now = readings.at(-1);
  if (now === undefined) return { level: "good", findings: [] };
  const found = [
    ofHealth(now),
    ...ofQueue(readings, now),
    ofUse(readings, now),
    ofLatency(readings, now),
    ofHolders(holders),
  ];
  return joinFindings(found.filter((finding) => finding !== undefined));
}

/** What several findings come to. */
export function joinFindings(found: readonly Finding[]): Judgement {
  const findings = [...found].sort(
    (one, other) => Number(other.level === "act") - Number(one.level === "act"),
  );
  return { level: findings[0]?.level ?? "good", findings };
}

const act = (text: string): Finding => ({ level: "act", text });
const look = (text: string): Finding => ({ level: "look", text });

function ofHealth({ status, kind }: Reading): Finding | undefined {
  if (status === "unhealthy") return act(`The database cannot be reached: ${faultWords(kind)}.`);
  if (status === "draining") return look("The process is shutting down: it finishes what is under way.");
  if (status !== "degraded" || kind === null) return undefined; // callers wait: the queue's own finding
  if (kind === "event_loop") return look("The process stands still at times; the database is not to blame.");
  if (kind === "read_only") return look("The database takes no changes: a standby, or made read-only.");
  return look(`Requests are served, but the health check is not: ${faultWords(kind)}.`);
}

function ofQueue(readings: readonly Reading[], now: Reading): Finding[] {
  const { waiting, oldestWaiterMs } = now;
  const refused = within(readings, now, LONG_MS).reduce((sum, each) => sum + each.refused, 0);
  const inVain =
    refused === 0 ? [] : [act(`${count(refused, "request")} got no connection in the last 30 s.`)];
  if (waiting === 0) return inVain;
  const isFull = (each: Reading) => each.waiting > 0 && each.used >= each.max;
  const isAct =
    holdsFor(readings, now, BRIEFLY_MS, isFull) ||
    holdsFor(readings, now, LONG_MS, (each) => each.waiting > MANY_WAITING);
  const text = `${count(waiting, "request")} ${waiting === 1 ? "waits" : "wait"} for a connection, the first for ${seconds(oldestWaiterMs)}.`;
  return [...inVain, isAct ? act(text) : look(text)];
}

function ofUse(readings: readonly Reading[], now: Reading): Finding | undefined {
  const { used, max } = now;
  if (max === 0) return undefined;
  if (holdsFor(readings, now, LONG_MS, (each) => each.used >= each.max))
    return act(`All ${max} connections have been in use for half a minute.`);
  if (holdsFor(readings, now, BRIEFLY_MS, (each) => each.used >= MANY_IN_USE * each.max))
    return look(`${used} of ${max} connections are in use.`);
  return undefined;
}

function ofLatency(readings: readonly Reading[], now: Reading): Finding | undefined {
  const { latencyMs } = now;
  if (latencyMs === null || latencyMs <= SLOW_MS) return undefined;
  const isAct = holdsFor(readings, now, MINUTE_MS, (each) => (each.latencyMs ?? 0) > TOO_SLOW_MS);
  const text = `The database takes ${latencyMs} ms to answer${isAct ? ", and has been slow for a minute" : ""}.`;
  return isAct ? act(text) : look(text);
}

function ofHolders([longest]: readonly PoolHolder[]): Finding | undefined {
  if (longest === undefined || longest.heldMs < HELD_LONG_MS) return undefined;
  const where = longest.callSite === undefined ? "" : `, at ${longest.callSite}`;
  return look(`A connection has been held for ${seconds(longest.heldMs)}${where}.`);
}

function within(readings: readonly Reading[], now: Reading, spanMs: number): readonly Reading[] {
  return readings.filter(({ atMs }) => atMs > now.atMs - spanMs);
}

/** Whether it was so in every reading of that time, and there were some from its beginning on. */
function holdsFor(
  readings: readonly Reading[],
  now: Reading,
  spanMs: number,
  isSo: (reading: Reading) => boolean,
): boolean {
  const oldestMs = readings[0]?.atMs ?? now.atMs;
  return (
    oldestMs <= now.atMs - spanMs + 2 * SECOND && within(readings, now, spanMs).every((each) => isSo(each))
  );
}

function count(number: number, of: string): string {
  return `${number} ${of}${number === 1 ? "" : "s"}`;
}

export function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / SECOND).toFixed(1)} s` : `${Math.round(ms / SECOND)} s`;
}
