import { ReadTokenError } from "../errors/errors.ts";

/** Where the primary's log ends: columns of a select, the first of which is the timeline's number. */
export const LOG_TIMELINE =
  "('x' operator(pg_catalog.||) pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 8))::bit(32)::int";
export const LOG_END = "pg_catalog.pg_current_wal_insert_lsn()::varchar";

/** Asks where the primary's log ends. Behind a COMMIT, all that was committed lies in front of it. */
export const POSITION_TEXT = `select ${LOG_TIMELINE} as timeline, ${LOG_END} as lsn`;

const TOKEN = /^(\d{1,10})\/([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/**
 * A position in the primary's log, such as that behind a write: `timeline/lsn`, for a cookie or a header. It says nothing of what
 * was written.
 */
export class ReadToken {
  /** Counts the promotions: a position on one timeline says nothing on another one. 0: a position that no replica has. */
  readonly timeline: number;
  /** As Postgres writes it, such as `0/16B3748`. */
  readonly lsn: string;

  constructor(timeline: number, lsn: string) {
    this.timeline = timeline;
    this.lsn = lsn;
  }

  /** Of a write whose position is not known: only the primary is sure to have it. */
  static readonly PRIMARY = new ReadToken(0, "0/0");

  /** Of the row that {@link POSITION_TEXT} gives. */
  static of(row: { readonly timeline?: unknown; readonly lsn?: unknown } | undefined): ReadToken {
    if (typeof row?.timeline !== "number" || typeof row.lsn !== "string") return ReadToken.PRIMARY;
    return new ReadToken(row.timeline, row.lsn);
  }

  /** What {@link readToken} reads. */
  toString(): string {
    return `${this.timeline}/${this.lsn}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * Reads a token that somebody has brought back: nothing, and an empty text, are no token.
 *
 * @throws {ReadTokenError} the text is none that `ReadToken` has written. It does not show the text.
 */
export function readToken(text: string | null | undefined): ReadToken | undefined {
  if (text === undefined || text === null || text === "") return undefined;
  const [, timeline, high, low] = TOKEN.exec(text) ?? [];
  if (timeline === undefined || high === undefined || low === undefined || Number(timeline) > 0xffff_ffff)
    throw new ReadTokenError("a read token is timeline/lsn, such as 1/0/16B3748; what was given is none");
  return new ReadToken(Number(timeline), `${high}/${low}`.toUpperCase());
}

/** How many bytes of log lie in front of a position. */
export function bytesOf(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** The later of two. Where one is not known, neither is the later. */
export function laterToken(one: ReadToken | undefined, other: ReadToken): ReadToken {
  if (one === undefined || other.timeline === 0) return other;
  if (one.timeline !== other.timeline)
    return one.timeline === 0 || one.timeline > other.timeline ? one : other;
  return bytesOf(one.lsn) > bytesOf(other.lsn) ? one : other;
}
