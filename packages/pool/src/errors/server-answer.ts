import pg from "pg";
import { isError } from "../async/is-error.ts";
import { isMalformed } from "./classify.ts";

/** SQLSTATEs with which a server ends a session: connection, sign-in, too many, shutdown, system, internal, idle too long. */
const ENDS_SESSION = /^(08|28|53300|57P|58|XX|25P0[34])/;

/** Whether the server has sent it. Of whichever copy of pg: a client class of the caller's may be another one's. */
export function isDatabaseError(value: unknown): value is pg.DatabaseError {
  if (value instanceof pg.DatabaseError) return true;
  if (!isError(value)) return false;
  const { severity, code } = value as Partial<pg.DatabaseError>;
  // A pooler names no routine; pg has the field all the same.
  return typeof severity === "string" && typeof code === "string" && "routine" in value;
}

/**
 * Whether the server has said that a statement failed, so that nothing of it is kept, and the session goes on.
 *
 * pg tells the severity in the server's language only: where it is none of the English words, the code decides.
 */
export function isStatementError(error: unknown): error is pg.DatabaseError {
  if (!isDatabaseError(error)) return false;
  const { severity, code = "" } = error;
  if (severity === "ERROR") return true;
  return severity !== "FATAL" && severity !== "PANIC" && (!ENDS_SESSION.test(code) || isMalformed(error));
}
