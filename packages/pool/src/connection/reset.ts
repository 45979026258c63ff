import type pg from "pg";
import { isMalformed } from "../errors/classify.ts";
import { isStatementError } from "../errors/server-answer.ts";
import { isReady, whenReady } from "../pg/internals.ts";
import { isConfirmedInterruption } from "../query/query-timeout.ts";
import { isWantedRefusal } from "./server-role.ts";
import { sessionSqlOf, setUpAgain } from "./setup-replay.ts";

/** How long a reset may take, in milliseconds. A silent peer would hold the slot for as long as any other statement. */
const RESET_TIMEOUT_MS = 1_000;

/** SQLSTATEs after which a connection is of no use: connection, shutdown, resources, system, internal; a read-only server. */
const BREAKS_CONNECTION = /^(08|53|57P|58|XX)|^25006$/;

/**
 * What DISCARD ALL does (https://www.postgresql.org/docs/current/sql-discard.html), in a form that may share a packet with
 * other statements. RESET SESSION AUTHORIZATION also resets the role.
 */
const RESET_SESSION =
  "reset session authorization; reset all; deallocate all; close all; unlisten *; select pg_catalog.pg_advisory_unlock_all(); discard temp; discard sequences";

/**
 * Judges, after a statement, whether its connection may serve somebody else.
 * It may when the server is ready and outside a transaction, and `error`, if any, is an ordinary one.
 */
export async function isReusable(client: pg.ClientBase, error?: unknown): Promise<boolean> {
  if (error !== undefined && !isOrdinaryError(error)) return false;
  return (await whenReady(client)) && client.getTransactionStatus() === "I";
}

/** The same judgement at once, for a caller that cannot wait: a statement still under way speaks against it. */
export function isReusableNow(client: pg.ClientBase): boolean {
  return isReady(client) && client.getTransactionStatus() === "I";
}

/** Whether anything was sent that may have changed the session. A client of another class does not say. */
export function mayHaveChanged(client: pg.ClientBase): boolean {
  return !("sessionChanged" in client) || client.sessionChanged === true;
}

/** From now on what the session is counts as new. */
export function markUnchanged(client: pg.ClientBase): void {
  if ("sessionChanged" in client) client.sessionChanged = false;
}

/** Sends what is known to leave nothing behind, such as settings that end with their transaction. */
export function sendHarmless<T>(client: pg.ClientBase, send: () => T): T {
  const changed = mayHaveChanged(client);
  const sent = send();
  if (!changed) markUnchanged(client);
  return sent;
}

/**
 * Resets a session to what it was when it was opened.
 *
 * @returns false when the connection must be destroyed instead.
 */
export async function resetSession(client: pg.ClientBase): Promise<boolean> {
  if (!(await isReusable(client))) return false;
  try {
    const text = `${RESET_SESSION}; ${sessionSqlOf(client)}`;
    const reset = { text, query_timeout: RESET_TIMEOUT_MS };
    await client.query(reset);
    await setUpAgain(client);
    markUnchanged(client);
    return true;
  } catch {
    return false;
  }
}

/** Whether an error is a statement's own, and says nothing against the connection. */
export function isOrdinaryError(error: unknown): boolean {
  if (isConfirmedInterruption(error)) return true;
  if (!isStatementError(error)) return false;
  return isWantedRefusal(error) || isMalformed(error) || !BREAKS_CONNECTION.test(error.code ?? "");
}
