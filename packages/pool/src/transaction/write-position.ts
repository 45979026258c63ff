import type pg from "pg";
import { isError } from "../async/is-error.ts";
import { redactError } from "../errors/redact.ts";
import { isStatementError } from "../errors/server-answer.ts";
import type { BatchMember } from "../query/batch-query.ts";
import type { BatchLimits, Client } from "../query/client.ts";
import type { Prelude } from "../query/local-settings.ts";
import { POSITION_TEXT, ReadToken } from "../query/read-token.ts";

/** Is told where the primary's log ended, behind a write or a commit. */
export type OnPosition = (token: ReadToken) => void;

/** A statement that goes out behind a write, in the same packet, with a Sync of its own: by then the write is committed. */
export const POSITION: BatchMember = { config: { text: POSITION_TEXT }, values: [] };

type PositionClient = pg.ClientBase & Pick<Client, "queryEach">;

/** Whether a pool's client can send a statement and another one behind its commit at once. */
export function tellsPositions<T extends object>(client: T): client is T & PositionClient {
  return "queryEach" in client;
}

/**
 * Sends a statement that commits, and asks for the position behind it: one round trip. The statement's outcome is its own,
 * whatever becomes of the question.
 */
export async function queryWithPosition(
  client: PositionClient,
  preludes: readonly Prelude[],
  member: BatchMember,
  limits: BatchLimits,
  onPosition: OnPosition,
): Promise<pg.QueryResult> {
  const [outcome, position] = await client.queryEach({ preludes, members: [member, POSITION] }, limits);
  if (outcome === undefined) throw new Error("a batch of two has two outcomes");
  if (outcome.status === "rejected") {
    tellUnlessUndone(outcome.reason, onPosition);
    throw outcome.reason;
  }
  onPosition(tokenIn(position));
  return outcome.value;
}

/** What has failed by the server's word has left nothing to read. Of anything else only the primary is sure to know. */
export function tellUnlessUndone(error: unknown, onPosition: OnPosition | undefined): void {
  if (!isStatementError(error)) onPosition?.(ReadToken.PRIMARY);
}

/** What the question behind a write has brought; a write that is kept stays so where it has brought nothing. */
export function tokenIn(outcome: PromiseSettledResult<pg.QueryResult> | undefined): ReadToken {
  return ReadToken.of(outcome?.status === "fulfilled" ? outcome.value.rows[0] : undefined);
}

/** Asks for the position in a round trip of its own, behind what has no room for the question. */
export async function askPosition(client: pg.ClientBase): Promise<ReadToken> {
  try {
    const { rows } = await client.query(POSITION_TEXT);
    return ReadToken.of(rows[0]);
  } catch (error) {
    if (isError(error)) redactError(error);
    return ReadToken.PRIMARY; // what was written is kept all the same
  }
}
