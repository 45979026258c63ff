import pg from "pg";

/**
 * Whether a named statement failed because server and client no longer agree on it: its result type has changed with the
 * schema (0A000), the server has forgotten it (26000), or knows another one by that name (42P05), which an earlier
 * holder prepared by hand.
 */
export function isStale(error: unknown): error is pg.DatabaseError {
  if (!(error instanceof pg.DatabaseError)) return false;
  if (error.code === "42P05") return true;
  return error.code === "26000" || (error.code === "0A000" && error.message.includes("cached plan"));
}
