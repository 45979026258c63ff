import type pg from "pg";
import { onReadOnly, onReported } from "../pg/internals.ts";

/** What `begin read only` and its like say: their transaction takes no writes by its caller's wish. */
const WANTS_NO_WRITES = /\bread[\s_]+only\b/i;

/**
 * Watches whether the server at the other end of a connection turns out to be another one than was connected to: a primary that takes
 * no writes any more, a standby that has become the primary.
 *
 * - It refuses a write (25006), and neither the transaction nor the session was made read-only by whoever has the connection.
 * - `in_hot_standby` changes, which a server reports from PostgreSQL 14 on. A pooler in front tells what its first connection said.
 */
export function watchServerRole(client: pg.PoolClient, onChange: () => void): void {
  let isStandby: string | undefined;
  let isReadOnlyByDefault = false;
  onReported(client, (name, value) => {
    if (name === "default_transaction_read_only") isReadOnlyByDefault = value === "on";
    if (name !== "in_hot_standby") return;
    const hasChanged = isStandby !== undefined && isStandby !== value;
    isStandby = value;
    if (hasChanged) onChange();
  });
  onReadOnly(client, () => {
    const opener = "transactionOpener" in client ? String(client.transactionOpener) : "";
    if (!isReadOnlyByDefault && !WANTS_NO_WRITES.test(opener)) onChange();
  });
}
