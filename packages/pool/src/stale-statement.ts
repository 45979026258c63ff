import pg from "pg";
import { forgetStatement } from "./pg-internals.ts";

/**
 * Whether a named statement failed because server and client no longer agree on it: its result type has changed with the
 * schema (0A000), the server has forgotten it (26000), or knows another one by that name (42P05), which an earlier
 * borrower prepared by hand.
 */
export function isStale(error: unknown): error is pg.DatabaseError {
  if (!(error instanceof pg.DatabaseError)) return false;
  if (error.code === "42P05") return true;
  return error.code === "26000" || (error.code === "0A000" && error.message.includes("cached plan"));
}

/** Forgets the statement on both sides, so that its next use prepares it anew. Outside a failed transaction only. */
export async function forgetEverywhere(client: pg.Client, name: string): Promise<void> {
  forgetStatement(client, name);
  // The server that has forgotten it says so: that is what was wanted.
  await client.query(`deallocate ${client.escapeIdentifier(name)}`).catch(() => {});
}
