import pg from "pg";

/** SQLSTATEs with which a server ends a session: connection, sign-in, too many, shutdown, system, internal, idle too long. */
const ENDS_SESSION = /^(08|28|53300|57P|58|XX|25P0[34])/;

/**
 * Whether the server has said that a statement failed, so that nothing of it is kept, and the session goes on.
 *
 * pg tells the severity in the server's language only: where it is none of the English words, the code decides.
 */
export function isStatementError(error: unknown): error is pg.DatabaseError {
  if (!(error instanceof pg.DatabaseError)) return false;
  const { severity, code = "" } = error;
  if (severity === "ERROR") return true;
  return severity !== "FATAL" && severity !== "PANIC" && !ENDS_SESSION.test(code);
}
