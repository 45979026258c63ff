import type * as Client from "@openhouse/db/client";
import { signingFor, tenantToken } from "@openhouse/db/signing";
import { CommitUnknownError, StatementTimeoutError } from "@openhouse/pool";
import { DrizzleQueryError, sql } from "drizzle-orm";
import type { Ledger } from "./ledger.ts";

/** Between two requests of one caller, in milliseconds: load, not a race. */
const THINKING_MS = 15;

/** Callers that read and write as tenants until they are stopped, and what became of their requests. */
export class Load {
  readonly #client: typeof Client;
  readonly #ledger: Ledger;
  readonly #tenantIds: readonly string[];
  readonly #callers: Promise<void>[];
  readonly #underWay = new Map<number, number>();
  #stopped = false;
  succeeded = 0;
  failed = 0;
  readonly errors: Record<string, number> = {};

  constructor(client: typeof Client, ledger: Ledger, tenantIds: readonly string[], callers: number) {
    this.#client = client;
    this.#ledger = ledger;
    this.#tenantIds = tenantIds;
    this.#callers = Array.from({ length: callers }, (_, index) => this.#call(index));
  }

  /** Age of the oldest request, in milliseconds. */
  get oldestMs(): number {
    return performance.now() - Math.min(performance.now(), ...this.#underWay.values());
  }

  /** @returns whether all came to an end within `timeoutMs`. */
  stop(timeoutMs: number): Promise<boolean> {
    this.#stopped = true;
    const limit = new Promise<false>((resolve) => setTimeout(resolve, timeoutMs, false).unref());
    return Promise.race([Promise.all(this.#callers).then(() => true), limit]);
  }

  async #call(index: number): Promise<void> {
    while (!this.#stopped) {
      this.#underWay.set(index, performance.now());
      try {
        await this.#request();
        this.succeeded++;
      } catch (error) {
        this.failed++;
        const name = nameOf(error);
        this.errors[name] = (this.errors[name] ?? 0) + 1;
      }
      this.#underWay.delete(index);
      await new Promise((resolve) => setTimeout(resolve, THINKING_MS * 2 * Math.random()));
    }
  }

  async #request(): Promise<unknown> {
    const tenant = Math.floor(Math.random() * this.#tenantIds.length);
    const tenantId = this.#tenantIds[tenant] ?? "";
    const db = this.#client.forTenant(tenantId);
    const chance = Math.random();
    if (chance < 0.5) return this.#write(db, tenant, chance < 0.3 ? 1 : 2);
    if (chance < 0.6) return db.query.units.findMany({ with: { homeowners: true }, limit: 5 });
    if (chance < 0.7) return this.#readShapes();
    if (chance < 0.75) return this.#readRaw(tenantId);
    const [handle, reader] = chance < 0.8 ? [this.#client.db, null] : [db, tenantId];
    const { rows } = await handle.execute<{ tenant_id: string }>(
      sql`select tenant_id from soak_ledger limit 20`,
    );
    this.#ledger.foreign += rows.filter(({ tenant_id }) => tenant_id !== reader).length;
    return rows;
  }

  /** One row in one statement, or two in a transaction with another one inside. */
  async #write(db: Client.Database, tenant: number, rows: 1 | 2): Promise<void> {
    const key = this.#ledger.key();
    const insert = sql`insert into soak_ledger (key, tenant) values (${key}, ${tenant})`;
    try {
      if (rows === 1) await db.execute(insert);
      else
        await db.transaction(async (tx) => {
          await tx.execute(insert);
          await tx.transaction((nested) => nested.execute(insert));
        });
    } catch (error) {
      this.#ledger.note(key, rows, isInDoubt(error, rows) ? "unknown" : "not done");
      throw error;
    }
    this.#ledger.note(key, rows, "done");
  }

  /** Leaves a session behind that the next holder must not see. */
  #readRaw(tenantId: string): Promise<unknown> {
    return this.#client.withClient(async (client) => {
      const token = tenantToken(client, tenantId, signingFor(process.env.DATABASE_URL ?? ""));
      await client.query("select set_config('app.tenant', $1, false)", [token]);
      return client.query("select count(*) from soak_ledger where key < 0");
    });
  }

  /** A named statement whose table changes its shape now and then. */
  #readShapes(): Promise<unknown> {
    const { pool } = this.#client.getDatabaseResources();
    return pool.query({ name: "soak_shapes", text: "select * from soak_shapes" });
  }
}

/** A single write commits in the round trip that runs it, so that a cut at its deadline leaves it open, too. */
function isInDoubt(error: unknown, rows: 1 | 2): boolean {
  const thrown = underDrizzle(error);
  if (thrown instanceof StatementTimeoutError) return rows === 1 && !thrown.outcomeKnown;
  return thrown instanceof CommitUnknownError;
}

/** Drizzle wraps whatever a single statement throws. */
function underDrizzle(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}

function nameOf(error: unknown): string {
  const thrown = underDrizzle(error);
  if (!(thrown instanceof Error)) return typeof thrown;
  return "code" in thrown && typeof thrown.code === "string" ? thrown.code : thrown.message.slice(0, 60);
}
