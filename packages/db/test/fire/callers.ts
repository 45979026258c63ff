import { StatementTimeoutError } from "@openhouse/pool";
import { eq, ne, sql } from "drizzle-orm";
import pg from "pg";
import type { Database } from "../../src/client.ts";
import { db, forTenant, withClient } from "../../src/client.ts";
import { developments } from "../../src/schema/index.ts";
import { type SigningSettings, tenantToken } from "../../src/signing.ts";
import { type Ledger, type Told, toldByScopedStatement, toldByTransaction } from "./ledger.ts";
import type { Random } from "./random.ts";

/** One caller's turn, as a tenant. Throws what the database threw. */
export type Turn = (tenantId: string, around: Around) => Promise<void>;

export interface Around {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly tenantIds: readonly string[];
  /** What tenants' tokens are signed with. */
  readonly signing: SigningSettings;
  /** How many of the turns that take long, or cost a connection, are taken: 0 to 1. */
  readonly costlyTurns: number;
  /** How many times, at most, a turn does what it may do more than once. */
  readonly staying: number;
}

/** Thrown by work that has changed its mind. */
class Abandoned extends Error {}

/** The tenant's column is left out, so that the row becomes whoever's the session is; the address says whose it should be. */
const row = (key: string, tenantId: string) => ({ name: key, address: tenantId, stage: "planning" as const });

async function write(handle: Database, key: string, tenantId: string, { ledger }: Around): Promise<void> {
  const written = await handle.insert(developments).values(row(key, tenantId)).returning();
  ledger.see(tenantId, written, "returning");
}

/** Runs `work` and notes what its caller was told of the rows it writes. */
async function noted(
  { ledger }: Around,
  entry: { key: string; tenantId: string; rows: number },
  work: () => Promise<unknown>,
  toldBy: (error: unknown) => Told = toldByTransaction,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    ledger.note(entry.key, { ...entry, told: toldBy(error) });
    throw error;
  }
  ledger.note(entry.key, { ...entry, told: "done" });
}

/** What would end a transaction, or begin another. */
const ENDINGS = [
  "COMMIT",
  "commit;",
  "END",
  "ROLLBACK",
  "commit and chain",
  "rollback; begin",
  "select 1; commit; begin",
];

/** What a session holds that is nobody's who has just got it. Named statements are left there on purpose, but for attackers'. */
const LEFT_BEHIND = `
  select 'temporary ' || relname as it from pg_class where relnamespace = pg_my_temp_schema()
  union all select 'cursor ' || name from pg_cursors where is_holdable
  union all select 'prepared ' || name from pg_prepared_statements where name = 'loot'
  union all select 'listening to ' || channel from pg_listening_channels() as channel
  union all select 'advisory lock ' || objid from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()
  union all select 'setting ' || name from pg_settings where source = 'session'
  union all select 'role ' || current_setting('role') where current_setting('role') <> 'none'
  union all select 'tenant ' || current_setting('app.tenant') where current_setting('app.tenant', true) <> ''`;

export const ORDINARY_TURNS: Record<string, Turn> = {
  async select(tenantId, { ledger, random, staying }) {
    const tenant = forTenant(tenantId);
    for (let left = 1 + random.below(staying); left > 0; left--)
      ledger.see(tenantId, await tenant.select().from(developments).limit(20), "select");
  },

  async "named statement"(tenantId, { ledger, random, staying }) {
    const named = forTenant(tenantId)
      .select()
      .from(developments)
      .orderBy(developments.id)
      .limit(20)
      .prepare("first_developments");
    for (let left = 1 + random.below(staying); left > 0; left--)
      ledger.see(tenantId, await named.execute(), "named statement");
  },

  async "relational query"(tenantId, { ledger }) {
    const homes = await forTenant(tenantId).query.homeowners.findMany({
      with: { unit: true, onboardingCodes: true },
      limit: 20,
    });
    ledger.see(tenantId, homes, "relational query");
    for (const { unit, onboardingCodes } of homes)
      ledger.see(tenantId, [unit, ...onboardingCodes], "relation");
  },

  async insert(tenantId, around) {
    const key = around.ledger.key();
    const work = () => write(forTenant(tenantId), key, tenantId, around);
    await noted(around, { key, tenantId, rows: 1 }, work, toldByScopedStatement);
  },

  async "slow insert"(tenantId, around) {
    const key = around.ledger.key();
    const slow = sql`insert into developments (name, address, stage)
      select ${key}, ${tenantId}, 'planning' from pg_sleep(${around.random.below(1_200) / 1000})`;
    const work = () => forTenant(tenantId).execute(slow);
    await noted(around, { key, tenantId, rows: 1 }, work, toldByScopedStatement);
  },

  async "update of all it sees"(tenantId, { ledger }) {
    const some = sql`${developments.id} in (select id from developments where name like 'fire-%' limit 5)`;
    const changed = await forTenant(tenantId)
      .update(developments)
      .set({ address: tenantId })
      .where(some)
      .returning();
    ledger.see(tenantId, changed, "update");
  },

  async "attack on another tenant"(tenantId, { ledger, random, tenantIds }) {
    const victim = random.of(tenantIds.filter((id) => id !== tenantId));
    const tenant = forTenant(tenantId);
    const attack = random.below(3);
    if (attack === 0) {
      const taken = await tenant.delete(developments).where(eq(developments.tenantId, victim)).returning();
      ledger.see(tenantId, taken, "delete");
    } else if (attack === 1) {
      const taken = await tenant
        .update(developments)
        .set({ name: "stolen" })
        .where(ne(developments.tenantId, tenantId))
        .returning();
      ledger.see(tenantId, taken, "theft");
    } else {
      await tenant.insert(developments).values({ ...row("smuggled", tenantId), tenantId: victim });
      ledger.foreign.push(`a row was smuggled to ${victim}`);
    }
  },

  async "nobody's query"(_, { ledger, random }) {
    ledger.see(null, await db.select().from(developments).limit(5), "unscoped select");
    if (random.chance(0.5)) await db.insert(developments).values(row("nobody's", "nobody"));
  },

  async "what others have left"(_, { ledger, random }) {
    const { rows } = random.chance(0.5)
      ? await db.execute<{ it: string }>(sql.raw(LEFT_BEHIND))
      : await withClient((client) => client.query<{ it: string }>(LEFT_BEHIND));
    ledger.left.push(...rows.map(({ it }) => it));
  },

  async transaction(tenantId, around) {
    const { ledger, random, staying } = around;
    const key = ledger.key();
    const rows = 1 + random.below(3);
    const abandons = random.chance(0.2);
    const work = () =>
      forTenant(tenantId).transaction(async (tx) => {
        for (let written = 0; written < rows; written++) await write(tx, key, tenantId, around);
        for (let left = 1 + random.below(staying); left > 0; left--)
          ledger.see(tenantId, await tx.select().from(developments).limit(20), "select in a transaction");
        if (abandons) throw new Abandoned();
      });
    await noted(around, { key, tenantId, rows }, work);
  },

  async "transaction that swallows a failure"(tenantId, around) {
    const key = around.ledger.key();
    const work = () =>
      forTenant(tenantId).transaction(async (tx) => {
        await write(tx, key, tenantId, around);
        await tx.execute(sql`select 1 / 0`).catch(() => {});
      });
    await noted(around, { key, tenantId, rows: 1 }, work);
  },

  async "transaction that is to be ended by a text"(tenantId, around) {
    const { ledger, random } = around;
    const key = ledger.key();
    const abandons = random.chance(0.5);
    const work = () =>
      forTenant(tenantId).transaction(async (tx) => {
        await write(tx, key, tenantId, around);
        // It is refused, and the transaction goes on as if nothing had been said.
        await tx.execute(sql.raw(random.of(ENDINGS))).catch((error: unknown) => ledger.countError(error));
        await write(tx, key, tenantId, around);
        if (abandons) throw new Abandoned();
      });
    await noted(around, { key, tenantId, rows: 2 }, work);
  },

  async "nested transactions"(tenantId, around) {
    const { ledger, random } = around;
    const keys = [ledger.key(), ledger.key(), ledger.key()] as const;
    const kept = new Set<string>(keys);
    const work = () =>
      forTenant(tenantId).transaction(async (tx) => {
        await write(tx, keys[0], tenantId, around);
        const nested = async (key: string) => {
          try {
            await tx.transaction(async (inner) => {
              await write(inner, key, tenantId, around);
              if (random.chance(0.2)) await inner.execute(sql`select 'x'::int`);
              if (random.chance(0.2)) throw new Abandoned();
            });
          } catch {
            kept.delete(key); // its savepoint was rolled back, whatever becomes of the rest
          }
        };
        await Promise.all([nested(keys[1]), nested(keys[2])]);
      });
    let told: Told = "done";
    try {
      await work();
    } catch (error) {
      told = toldByTransaction(error);
      throw error;
    } finally {
      for (const key of keys)
        ledger.note(key, { tenantId, rows: 1, told: kept.has(key) ? told : "not done" });
    }
  },

  async "failing statement"(tenantId, { random }) {
    const failures = [
      sql`select 1 / 0`,
      sql`select 'x'::int`,
      sql`insert into tenants select * from tenants`,
    ];
    await forTenant(tenantId).execute(random.of(failures));
  },

  async "raw client, left dirty"(tenantId, around) {
    const { ledger, random, signing, costlyTurns } = around;
    const [key, uncommitted] = [ledger.key(), ledger.key()];
    const insert = "insert into developments (name, address, stage) values ($1, $2, 'planning')";
    ledger.note(uncommitted, { tenantId, rows: 1, told: "not done" });
    await withClient(async (client) => {
      await client.query("select set_config('app.tenant', $1, false)", [
        tenantToken(client, tenantId, signing),
      ]);
      await noted(
        around,
        { key, tenantId, rows: 1 },
        () => client.query(insert, [key, tenantId]),
        toldByStatement,
      );
      if (!random.chance(costlyTurns / 2)) return;
      await client.query("begin");
      await client.query(insert, [uncommitted, tenantId]);
      if (random.chance(0.5)) await client.query("select 1 / 0");
    });
  },

  async "raw client, aborted"(tenantId, around) {
    const { ledger, random, signing } = around;
    const key = ledger.key();
    const signal = AbortSignal.timeout(1 + random.below(200));
    const statement = {
      text: "insert into developments (name, address, stage) select $1, $2, 'planning' from pg_sleep(0.1)",
      values: [key, tenantId],
      signal,
    };
    let sent = false;
    await noted(
      around,
      { key, tenantId, rows: 1 },
      () =>
        withClient(
          async (client) => {
            await client.query("select set_config('app.tenant', $1, false)", [
              tenantToken(client, tenantId, signing),
            ]);
            sent = true;
            await client.query(statement);
          },
          { signal },
        ),
      (error) => (sent ? toldByStatement(error) : "not done"),
    );
  },
};

/** They hold a connection for as long as a hundred others would. */
const SLOW_TURNS: ReadonlySet<string> = new Set(["slow insert", "raw client, aborted"]);

/** What an error says of a statement outside a transaction: the server's own word counts, a lost answer says nothing. */
function toldByStatement(error: unknown): Told {
  if (error instanceof StatementTimeoutError) return error.outcomeKnown ? "not done" : "unknown";
  return error instanceof pg.DatabaseError && error.severity === "ERROR" ? "not done" : "unknown";
}

/** Takes turns as random tenants until `stopped`; errors are part of it, and counted by class. */
export async function keepCalling(
  turns: Record<string, Turn>,
  around: Around,
  stopped: () => boolean,
): Promise<void> {
  const { ledger, random, tenantIds, costlyTurns } = around;
  const names = Object.keys(turns);
  while (!stopped()) {
    const name = random.of(names);
    if (SLOW_TURNS.has(name) && !random.chance(costlyTurns)) continue;
    ledger.turns++;
    ledger.count(`turn: ${name}`);
    try {
      await turns[name]?.(random.of(tenantIds), around);
    } catch (error) {
      ledger.countError(error);
    }
    await new Promise(setImmediate); // what fails at once, for ever, would leave nobody else a turn
  }
}
