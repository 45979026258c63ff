import { sql } from "drizzle-orm";
import pg from "pg";
import type { Database } from "../../src/client.ts";
import { db, forTenant, withClient } from "../../src/client.ts";
import { tenantToken } from "../../src/signing.ts";
import type { Around, Turn } from "./callers.ts";
import { DISGUISES, HOSTILE_STATEMENTS } from "./hostile-statements.ts";

interface Rows {
  readonly rows?: readonly unknown[] | undefined;
}

interface SomebodysRow {
  readonly tenantId: string;
}

/** Of one or of several statements' rows those that are somebody's. */
function rowsOf(result: Rows | readonly Rows[]): SomebodysRow[] {
  const results = Array.isArray(result) ? result : [result];
  return results.flatMap(({ rows = [] }: Rows) => rows).filter(isSomebodys);
}

function isSomebodys(row: unknown): row is SomebodysRow {
  return typeof row === "object" && row !== null && "tenantId" in row && row.tenantId !== null;
}

/** A statement that drives the protocol itself, as COPY's streams and cursors do, and keeps what is copied to it. */
class OwnQuery extends pg.Query {
  readonly copied: SomebodysRow[] = [];

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const [tenantId = "", ...others] = chunk.toString().split("\t");
    if (others.length === 2) this.copied.push({ tenantId });
  }
}

/** Resolves when it has ended, whichever way: what it has copied until then counts. */
async function copiedBy(client: pg.ClientBase, text: string): Promise<SomebodysRow[]> {
  const query = new OwnQuery(text);
  const ended = new Promise((resolve) => query.once("end", resolve).once("error", resolve));
  client.query(query);
  await ended;
  return query.copied;
}

/** What an attacker does with a text; its rows. */
type Execute = (text: string) => Promise<readonly SomebodysRow[]>;

/** Where an attacker gets to send SQL of their own, of a tenant's or without one. `attack` takes all errors. */
interface Way {
  readonly name: string;
  readonly asTenant: boolean;
  reach(tenantId: string, around: Around, attack: (execute: Execute) => Promise<void>): Promise<void>;
}

const executeIn = (handle: Database) => async (text: string) => rowsOf(await handle.execute(sql.raw(text)));

/** On a client of their own some drive the protocol themselves; and they want others to get the connection. */
async function attackBy(
  client: pg.ClientBase,
  { random, costlyTurns }: Around,
  attack: (execute: Execute) => Promise<void>,
  token?: string,
): Promise<void> {
  const drives = random.chance(0.3);
  const execute: Execute = async (text) =>
    drives ? await copiedBy(client, text) : rowsOf(await client.query(text));
  if (token !== undefined) await execute(`select set_config('app.tenant', '${token}', false)`);
  await attack(execute);
  // One that is left in a transaction is closed.
  if (!random.chance(costlyTurns)) await client.query("rollback");
}

const WAYS: readonly Way[] = [
  {
    name: "statements",
    asTenant: true,
    reach: (tenantId, _, attack) => attack(executeIn(forTenant(tenantId))),
  },
  {
    name: "transaction",
    asTenant: true,
    reach: (tenantId, _, attack) => forTenant(tenantId).transaction((tx) => attack(executeIn(tx))),
  },
  {
    name: "client",
    asTenant: true,
    reach: (tenantId, around, attack) =>
      withClient((client) => attackBy(client, around, attack, tenantToken(client, tenantId, around.signing))),
  },
  { name: "statements", asTenant: false, reach: (_, __, attack) => attack(executeIn(db)) },
  {
    name: "client",
    asTenant: false,
    reach: (_, around, attack) => withClient((client) => attackBy(client, around, attack)),
  },
];
const STATEMENTS = Object.entries(HOSTILE_STATEMENTS);
const ALL_DISGUISES = Object.values(DISGUISES);

/** What those do who mean harm. Errors are welcome; rows of others, or to others, are not. */
export const HOSTILE_TURNS: Record<string, Turn> = {
  async hostile(tenantId, around) {
    const { ledger, random, tenantIds, signing, staying } = around;
    const way = random.of(WAYS);
    const seenAs = way.asTenant ? tenantId : null;
    const victim = random.of(tenantIds.filter((id) => id !== tenantId));
    const own = seenAs === null ? "null" : `'${seenAs}'`;
    const texts = Array.from({ length: 1 + random.below(staying) }, () => {
      const [name, textsFor] = random.of(STATEMENTS);
      ledger.count(`hostile: ${name}`);
      return textsFor({ own, victim, disguise: random.of(ALL_DISGUISES)(victim, signing) });
    }).flat();
    await way.reach(tenantId, around, async (execute) => {
      for (const text of texts) {
        try {
          ledger.see(seenAs, await execute(text), `hostile ${way.name}: ${text}`);
        } catch (error) {
          ledger.countError(error);
        }
      }
    });
  },
};
