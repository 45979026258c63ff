import type pg from "pg";

/** What a server says of itself. */
export interface ServerState {
  /** The backend is another one than the connection was told of: a pooler stands in between. */
  readonly behindPooler: boolean;
  readonly serverRole: "primary" | "standby";
  /** It takes no writes, as a standby, or as it was told so. */
  readonly isReadOnly: boolean;
}

export interface ServerStateRow {
  readonly pid: number;
  readonly is_standby: boolean;
  readonly is_read_only: boolean;
}

/** Columns of a select that make a {@link ServerStateRow}. */
export const SERVER_STATE =
  "pg_catalog.pg_backend_pid() as pid, pg_catalog.pg_is_in_recovery() as is_standby, pg_catalog.current_setting('transaction_read_only')::boolean as is_read_only";

export function serverState(client: pg.ClientBase, row: ServerStateRow | undefined): ServerState {
  return {
    behindPooler: row !== undefined && "processID" in client && row.pid !== client.processID,
    serverRole: row?.is_standby === true ? "standby" : "primary",
    isReadOnly: row?.is_read_only === true,
  };
}
