import { sql } from "drizzle-orm";
import pg from "pg";
import { db, forTenant, withClient } from "../../src/client.ts";
import { tokenOf } from "../support/tenants.ts";
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

/** What somebody does who has got SQL of their own into a tenant's statements, or into those without a tenant. */
const WAYS: ((tenantId: string, texts: readonly string[], around: Around) => Promise<void>)[] = [
  async function statements(tenantId, texts, { ledger }) {
    for (const text of texts)
      ledger.see(tenantId, rowsOf(await forTenant(tenantId).execute(sql.raw(text))), `hostile: ${text}`);
  },
  async function transaction(tenantId, texts, { ledger }) {
    await forTenant(tenantId).transaction(async (tx) => {
      for (const text of texts)
        ledger.see(tenantId, rowsOf(await tx.execute(sql.raw(text))), `hostile transaction: ${text}`);
    });
  },
  async function statementsWithoutTenant(_, texts, { ledger }) {
    for (const text of texts)
      ledger.see(null, rowsOf(await db.execute(sql.raw(text))), `hostile without a tenant: ${text}`);
  },
  async function client(tenantId, texts, { ledger, random }) {
    const isTenant = random.chance(0.5);
    const seenAs = isTenant ? tenantId : null;
    await withClient(async (client) => {
      if (isTenant)
        await client.query("select set_config('app.tenant', $1, false)", [tokenOf(client, tenantId)]);
      for (const text of texts) {
        const where = `hostile raw client: ${text}`;
        if (random.chance(0.3)) ledger.see(seenAs, await copiedBy(client, text), where);
        else ledger.see(seenAs, rowsOf(await client.query(text)), where);
      }
    });
  },
];

/** What those do who mean harm. Errors are welcome; rows of others, or to others, are not. */
export const HOSTILE_TURNS: Record<string, Turn> = Object.fromEntries(
  Object.entries(HOSTILE_STATEMENTS).map(([name, textsFor]): [string, Turn] => [
    `hostile: ${name}`,
    async (own, around) => {
      const { random, tenantIds } = around;
      const victim = random.of(tenantIds.filter((id) => id !== own));
      const disguise = random.of(Object.values(DISGUISES))(victim);
      await random.of(WAYS)(own, [textsFor({ own, victim, disguise })].flat(), around);
    },
  ]),
);
