import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { unansweredStatements } from "../pg/internals.ts";
import { processGlobal } from "../process/process-global.ts";

/** Statements that do nothing but prepare a session, so that they may be repeated on it. */
const PREPARES_SESSION = /^\s*(set|listen|load)\s|^\s*select\s+(pg_catalog\.)?set_config\s*\(/i;

/** How a session was prepared. */
interface SetUp {
  /** Travels in the reset's packet; empty where there is nothing to set. */
  readonly sessionSql: string;
  /** What takes statements of its own, if anything does. */
  readonly replay: (() => Promise<void>) | undefined;
}

const setUps = /* @__PURE__ */ processGlobal("session-set-up", () => new WeakMap<pg.ClientBase, SetUp>());

/**
 * Remembers how a session was prepared when it was opened, by settings, by the hook and by listeners of 'connect', because
 * resetting it takes that back, too. Call it when the listeners have been told: what they have sent is not answered yet.
 *
 * @param limitMs how long the hook may take, in milliseconds.
 */
export function rememberSetUp(
  client: pg.ClientBase,
  sessionSql: string,
  hook: (() => unknown) | undefined,
  limitMs: number,
): void {
  const statements = unansweredStatements(client);
  if (hook === undefined && statements.length === 0) {
    if (sessionSql !== "") setUps.set(client, { sessionSql, replay: undefined });
    return;
  }
  const replay = async () => {
    if (!statements.every(isRepeatable))
      throw new Error("what a listener of 'connect' has sent may not be repeated");
    let onEnd = () => {};
    const ended = new Promise<never>((_resolve, reject) => {
      onEnd = () => reject(new Error("the connection was closed while it was prepared again"));
      client.once("end", onEnd);
    });
    try {
      await withTimeout(
        Promise.race([hook?.(), ended]),
        limitMs,
        () => new Error(`onConnect took longer than ${limitMs} ms`),
      );
    } finally {
      client.removeListener("end", onEnd);
    }
    for (const { text, values } of statements) await client.query(text, values);
  };
  setUps.set(client, { sessionSql, replay });
}

/** What a reset has to set again, in its own packet. */
export function sessionSqlOf(client: pg.ClientBase): string {
  return setUps.get(client)?.sessionSql ?? "";
}

/** Prepares a session again after a reset. @throws when that cannot be done, or fails: nobody may have the connection then. */
export async function setUpAgain(client: pg.ClientBase): Promise<void> {
  await setUps.get(client)?.replay?.();
}

/** Anything else, an INSERT say, is done once a connection. */
function isRepeatable({ text }: { text?: unknown }): boolean {
  return (
    typeof text === "string" && text.split(";").every((part) => !part.trim() || PREPARES_SESSION.test(part))
  );
}
