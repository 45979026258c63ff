/**
 * The statements of a life, which the simulated server knows by their text: it reads no SQL. The first parameter of each says
 * whose it is: `o12`, or the key of a write, `w12.0`, with `@tenant` behind it where it runs within a scope.
 */
export const SQL = {
  read: "select n from numbers where op = $1",
  readUnion: "(select n from numbers where op = $1) union (select 2)",
  readWith: "with x as (select n from numbers where op = $1) select n from x",
  readComment: "/* route='/x' */ select n from numbers where op = $1",
  readExplain: "explain select n from numbers where op = $1",
  /** Its columns change with the schema, as those of `select *` do. */
  readAll: "select * from numbers where op = $1",
  /** What the session is: see `Session.state`. */
  look: "select current_setting('sim.state', true) as state, $1 as op",
  slowRead: "select n from slow where op = $1 and ms = $2",
  write: "insert into ledger (key) values ($1)",
  slowWrite: "insert into slow_ledger (key, ms) values ($1, $2)",
  /** Its COMMIT takes that long. */
  lateWrite: "insert into late_ledger (key, ms) values ($1, $2)",
  /** Its COMMIT fails. */
  refusedAtCommit: "insert into refused_at_commit (key) values ($1)",
  violation: "insert into taken (key) values ($1)",
  /** Fails for a conflict the first time, and is a write the second. */
  conflict: "insert into contended (key) values ($1)",
} as const;
export type Text = keyof typeof SQL;

export const READS = ["read", "readUnion", "readWith", "readComment", "readExplain", "readAll"] as const;

/** What a holder may leave behind in a session. */
export const TAINTS = {
  setting: "set sim.mark to 'left behind'",
  "temporary table": "create temp table mark (id int)",
  channel: "listen mark",
  lock: "select pg_advisory_lock(7)",
  cursor: "declare mark cursor with hold for select 1",
  transaction: "begin",
} as const;
export type Taint = keyof typeof TAINTS;

/** The setting that a scope makes. */
export const TENANT = "app.tenant";

/** The tenant within whose scope a parameter says its statement runs; none for statements without a scope. */
export function tenantOf(parameter: string): string | undefined {
  return parameter.split("@")[1];
}
