import { processGlobal } from "@openhouse/pool/process";

/** A session of the server. No text of a statement is among it. */
export interface ServerSession {
  /** 0 for a prepared transaction, which has no session any more. */
  readonly pid: number;
  /** What it calls itself: of ours `openhouse/<portal>@<instance> <route>`. */
  readonly applicationName: string;
  readonly role: string | null;
  /** Such as `idle in transaction`; null where our role may not see it, as is the next. */
  readonly state: string | null;
  /** How long ago its transaction began. */
  readonly transactionMs: number | null;
}

/** Somebody who waits for a lock, and somebody in the way. */
export interface BlockedPair {
  readonly blocked: ServerSession;
  readonly blocker: ServerSession;
  /** Whose lock it is: a table's name, or a kind such as `transactionid`, which is a row's. */
  readonly lock: string;
  /** How long the statement has run that waits; null where our role may not see it. */
  readonly waitsMs: number | null;
}

/** What goes on in the server, as far as our role may see. */
export interface ServerActivity {
  /** When it was read, in milliseconds since 1970. */
  readonly atMs: number;
  /** Those who have waited longest. */
  readonly pairs: readonly BlockedPair[];
  readonly pairsCount: number;
  /** Statements that wait, each of which may be in several pairs. */
  readonly blockedCount: number;
  /** Of more than a second, the oldest first. */
  readonly transactions: readonly ServerSession[];
  readonly transactionsCount: number;
  /** Sessions of other roles, whose transactions ours may not see. */
  readonly hiddenCount: number;
  readonly ourRole: string;
}

interface Kept {
  activity: ServerActivity | undefined;
  /** When one was last begun, on the clock of `performance.now()`. */
  begunAtMs: number;
  isUnderWay: boolean;
  /** Whether the last one that is over has read nothing. */
  hasFailed: boolean;
}

/** Shared by the copies of this module that a bundler makes. */
export const lastActivity = processGlobal<Kept>("db/last-activity", () => ({
  activity: undefined,
  begunAtMs: Number.NEGATIVE_INFINITY,
  isUnderWay: false,
  hasFailed: false,
}));

/** Of another server than the one in use now. */
export function forgetActivity(): void {
  lastActivity.activity = undefined;
  lastActivity.begunAtMs = Number.NEGATIVE_INFINITY;
  lastActivity.hasFailed = false;
}
