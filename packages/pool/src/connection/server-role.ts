import type pg from "pg";
import { onReadOnly, onReported } from "../pg/internals.ts";
import { processGlobal } from "../process/process-global.ts";

/** What `begin read only` and its like say: their transaction takes no writes by its caller's wish. */
const WANTS_NO_WRITES = /\bread[\s_]+only\b/i;

/** A server that takes writes has refused them, in a transaction that was to have none. */
const wanted = /* @__PURE__ */ processGlobal("wanted-refusals", () => new WeakSet<object>());

/** Whether a write was refused because its transaction, or session, was made read-only: it says nothing of the server. */
export function isWantedRefusal(error: object): boolean {
  return wanted.has(error);
}

/**
 * Watches whether the server at the other end of a connection turns out to be another one than was connected to: a primary that takes
 * no writes any more, a standby that has become the primary.
 *
 * - It refuses a write (25006), and neither the transaction nor the session was made read-only by whoever has the connection, or by us.
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
  onReadOnly(client, (refusal) => {
    const opener = "transactionOpener" in client ? String(client.transactionOpener) : "";
    if (isReadOnlyByDefault || WANTS_NO_WRITES.test(opener)) wanted.add(refusal);
    else onChange();
  });
}
