import type * as Client from "@openhouse/db/client";
import { CommitUnknownError, StatementTimeoutError } from "@openhouse/pool";
import { DrizzleQueryError, sql } from "drizzle-orm";
import type { Ledger } from "./ledger.ts";

export interface LoadOptions {
  readonly client: typeof Client;
  readonly ledger: Ledger;
  readonly tenantIds: readonly string[];
  readonly callers: number;
}

/** Between two requests of one caller, in milliseconds: load, not a race. */
const THINKING_MS = 15;

/** Callers that read and write as tenants until they are stopped, and what became of their requests. */
export class Load {
  readonly #options: LoadOptions;
  readonly #callers: Promise<void>[];
  readonly #underWay = new Map<number, number>();
  #stopped = false;
  succeeded = 0;
  failed = 0;
  readonly errors: Record<string, number> = {};

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#callers = Array.from({ length: options.callers }, (_, index) => this.#call(index));
  }

  /** Age of the oldest request, in milliseconds. */
  get oldestMs(): number {
    return performance.now() - Math.min(performance.now(), ...this.#underWay.values());
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** @returns whether all came to an end within `timeoutMs`. */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#stopped = true;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, false);
    });
    const ended = await Promise.race([Promise.all(this.#callers).then(() => true), limit]);
    clearTimeout(timer);
    return ended;
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

  #request(): Promise<unknown> {
    const { client, tenantIds, ledger } = this.#options;
    const tenant = Math.floor(Math.random() * tenantIds.length);
    const tenantId = tenantIds[tenant] ?? "";
    const chance = Math.random();
    if (chance < 0.3) return this.#write(tenant, tenantId);
    if (chance < 0.5) return this.#writeTwo(tenant, tenantId);
    if (chance < 0.6)
      return client.forTenant(tenantId).query.units.findMany({ with: { homeowners: true }, limit: 5 });
    if (chance < 0.7) return this.#readShapes();
    if (chance < 0.75) return this.#readRaw(tenantId);
    const [handle, reader] = chance < 0.8 ? [client.db, null] : [client.forTenant(tenantId), tenantId];
    return handle
      .execute<{ tenant_id: string }>(sql`select tenant_id from soak_ledger limit 20`)
      .then(({ rows }) => {
        ledger.foreign += rows.filter(({ tenant_id }) => tenant_id !== reader).length;
      });
  }

  async #write(tenant: number, tenantId: string): Promise<void> {
    const key = this.#options.ledger.key();
    const insert = sql`insert into soak_ledger (key, tenant) values (${key}, ${tenant})`;
    await this.#noted(key, 1, () => this.#options.client.forTenant(tenantId).execute(insert));
  }

  async #writeTwo(tenant: number, tenantId: string): Promise<void> {
    const key = this.#options.ledger.key();
    const insert = sql`insert into soak_ledger (key, tenant) values (${key}, ${tenant})`;
    await this.#noted(key, 2, () =>
      this.#options.client.forTenant(tenantId).transaction(async (tx) => {
        await tx.execute(insert);
        await tx.transaction((nested) => nested.execute(insert));
      }),
    );
  }

  /** Leaves a session behind that the next borrower must not see. */
  #readRaw(tenantId: string): Promise<unknown> {
    return this.#options.client.withClient(async (client) => {
      await client.query("select set_config('app.tenant_id', $1, false)", [tenantId]);
      return client.query("select count(*) from soak_ledger where key < 0");
    });
  }

  /** A named statement whose table changes its shape now and then. */
  #readShapes(): Promise<unknown> {
    const { pool } = this.#options.client.getDatabaseResources();
    return pool.query({ name: "soak_shapes", text: "select * from soak_shapes" });
  }

  async #noted(key: number, rows: 1 | 2, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.ledger.note(key, rows, isInDoubt(error, rows) ? "unknown" : "not done");
      throw error;
    }
    this.#options.ledger.note(key, rows, "done");
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
