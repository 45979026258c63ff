import pg from "pg";
import type { Ledger } from "./ledger.ts";

/** What the pool sends of its own accord: resets, pings, a look at each new connection. */
const POOLS_OWN = /^(reset session authorization; |select pg_catalog\.pg_backend_pid\(\) as pid, |$)/;

/**
 * Counts in the ledger the statements that callers send, where pg sends them: their texts, of which one may hold several, and
 * their COMMIT and ROLLBACK. BEGIN and a scope's settings travel with another statement and are not counted, nor is what the
 * pool sends of its own accord.
 *
 * @param except a client that is no caller's.
 * @returns what ends the counting.
 */
export function countStatements(ledger: Ledger, except: pg.Client): () => void {
  const { prototype } = pg.Client;
  const { query } = prototype;
  const counting = function (this: pg.Client, ...args: unknown[]): unknown {
    if (this !== except && !POOLS_OWN.test(textOf(args[0]))) ledger.statements++;
    return Reflect.apply(query, this, args);
  };
  prototype.query = counting as typeof query;
  return () => {
    prototype.query = query;
  };
}

function textOf(statement: unknown): string {
  const text =
    typeof statement === "object" && statement !== null ? Reflect.get(statement, "text") : statement;
  return String(text);
}
