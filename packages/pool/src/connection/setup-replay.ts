import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { unansweredStatements } from "../pg/internals.ts";
import { processGlobal } from "../process/process-global.ts";

/** Statements that do nothing but prepare a session, so that they may be repeated on it. */
const PREPARES_SESSION = /^\s*(set|listen|load)\s|^\s*select\s+(pg_catalog\.)?set_config\s*\(/i;

const setUps = processGlobal("session-set-ups", () => new WeakMap<pg.ClientBase, () => Promise<void>>());

/**
 * Remembers how a session was prepared when it was opened, by the hook and by listeners of 'connect', because resetting it
 * takes that back, too. Call it when the listeners have been told: what they have sent has not been answered yet.
 *
 * @param limitMs how long the hook may take, in milliseconds.
 */
export function rememberSetUp(
  client: pg.ClientBase,
  hook: (() => unknown) | undefined,
  limitMs: number,
): void {
  const statements = unansweredStatements(client);
  if (hook === undefined && statements.length === 0) return;
  setUps.set(client, async () => {
    if (!statements.every(isRepeatable))
      throw new Error("what a listener of 'connect' has sent may not be repeated");
    await withTimeout(
      Promise.resolve(hook?.()),
      limitMs,
      () => new Error(`onConnect took longer than ${limitMs} ms`),
    );
    for (const { text, values } of statements) await client.query(text, values);
  });
}

/** Prepares a session again after a reset. @throws when that cannot be done, or fails: nobody may have the connection then. */
export async function setUpAgain(client: pg.ClientBase): Promise<void> {
  await setUps.get(client)?.();
}

/** Anything else, an INSERT say, is done once a connection. */
function isRepeatable({ text }: { text?: unknown }): boolean {
  return (
    typeof text === "string" && text.split(";").every((part) => !part.trim() || PREPARES_SESSION.test(part))
  );
}
