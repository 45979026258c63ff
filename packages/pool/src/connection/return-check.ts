import type pg from "pg";
import { redactError } from "../errors/redact.ts";
import { isAlive, isAnswering, isReady } from "../pg/internals.ts";
import type { DestroyReason } from "../telemetry/stats.ts";
import { isReusable, mayHaveChanged, resetSession } from "./reset.ts";

/** Why a connection that came back is of no more use, where a look tells. @param error what its holder said of it. */
export function reasonAtReturn(
  client: pg.PoolClient,
  error: Error | boolean | undefined,
): DestroyReason | undefined {
  if (error === true) return "requested";
  if (!isAlive(client)) return "lost";
  // After an error a holder may be here before ReadyForQuery is: then nothing runs any more.
  return !error && !isReady(client) && isAnswering(client) ? "statement_running" : undefined;
}

/**
 * Decides what becomes of a connection that came back, where that takes more than a look; resets it where anything may have
 * changed it.
 *
 * @returns why it may not be checked out again, if it may not.
 */
export async function checkReturned(
  client: pg.PoolClient,
  error: Error | true | undefined,
): Promise<DestroyReason | undefined> {
  if (error !== undefined) redactError(error);
  if (!(await isReusable(client, error))) {
    return isReady(client) && client.getTransactionStatus() !== "I" ? "transaction_open" : "error";
  }
  return mayHaveChanged(client) && !(await resetSession(client)) ? "reset_failed" : undefined;
}
