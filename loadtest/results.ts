/** What a run has measured, as the generator tells it and as JSON keeps it. Times are in milliseconds. */

export type Latency = Readonly<Record<"meanMs" | "p50Ms" | "p95Ms" | "p99Ms" | "maxMs", number>>;

/** One second of one kind of request. */
export interface Second {
  answered: number;
  failed: number;
  maxMs: number;
}

export type Counts = Readonly<Record<string, number>>;

export interface OperationResult {
  readonly name: string;
  readonly asked: number;
  /** At the first attempt. */
  readonly answeredAtOnce: number;
  /** In the end, those included that the server had sent back first. */
  readonly answered: number;
  /** Failed attempts by kind. */
  readonly errors: Counts;
  /** Those of them that did not say when to come again. */
  readonly unclean: Counts;
  /** Of what was answered, from the intended start to the last byte, waits for another attempt included. */
  readonly latency: Latency;
  readonly perSecond: number;
  readonly seconds: readonly Second[];
}

/** A message sent to the assistant. */
export interface Turn {
  readonly threadId: string;
  readonly clientMessageId: string;
  /** Of the homeowner who asks. */
  readonly code: string;
  /** The answer that was received to its end; null where there was none. */
  readonly answer: { readonly id: string; readonly textMd5: string } | null;
}

/** A code that was scanned. */
export interface Scan {
  readonly code: string;
  /** Of the cookie that came back; null where the scan was not answered with a welcome. */
  readonly sessionId: string | null;
}

/** What the database has been told to keep, by what the callers were told. */
export interface Writes {
  readonly turns: readonly Turn[];
  readonly scans: readonly Scan[];
}

export interface GeneratorResult {
  readonly startedAt: string;
  readonly seconds: number;
  readonly operations: readonly OperationResult[];
  /** How late the generator started requests of its open loops, against the intended start. */
  readonly lateP99Ms: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly writes: Writes;
}
