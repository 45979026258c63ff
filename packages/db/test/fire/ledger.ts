import { CommitUnknownError, StatementTimeoutError } from "@openhouse/pool";
import { DrizzleQueryError } from "drizzle-orm";
import pg from "pg";

/** What the caller was told of a write. Only a lost answer to COMMIT, or to a statement outside a transaction, leaves it open. */
export type Told = "done" | "not done" | "unknown";

interface Entry {
  readonly tenantId: string;
  /** Rows of this key where it was done: all of them, or none. */
  readonly rows: number;
  readonly told: Told;
}

/** Every write that was tried, and every row that was seen, to be held against the table afterwards. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #kinds = new Map<string, number>();
  #nextKey = 1;
  rowsSeen = 0;
  /** Turns that callers have begun. */
  turns = 0;
  /** What callers have sent: see statement-count.ts. */
  statements = 0;
  /** Rows of somebody else that a caller was shown, or could write. */
  readonly foreign: string[] = [];
  /** What a caller found in its session that another one had left there. */
  readonly left: string[] = [];

  /** A name for one write, by which its rows are found. */
  key(): string {
    return `fire-${this.#nextKey++}`;
  }

  note(key: string, entry: Entry): void {
    if (this.#entries.has(key)) throw new Error(`${key} is noted already`);
    this.#entries.set(key, entry);
    this.count(`told ${entry.told}`);
  }

  count(kind: string): void {
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
  }

  /** Errors are counted by class; those of Postgres by their code. */
  countError(error: unknown): void {
    const thrown = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const isPostgres = thrown instanceof pg.DatabaseError;
    const other = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
    this.count(`error: ${isPostgres ? `${thrown.severity} ${thrown.code}` : other}`);
  }

  /** Notes rows that were read as `tenantId`; null: as nobody. */
  see(tenantId: string | null, rows: readonly { tenantId: string }[], where: string): void {
    this.rowsSeen += rows.length;
    for (const row of rows) {
      if (row.tenantId !== tenantId) this.foreign.push(`${where}: ${row.tenantId} seen as ${tenantId}`);
    }
  }

  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#kinds].sort());
  }

  /** Begins anew with writes, of which the table holds none any more. */
  forgetWrites(): void {
    this.#entries.clear();
  }

  /** Writes whose rows are not what their caller was told: lost, kept after all, doubled, halved, or another tenant's. */
  async wrong(superuser: pg.Client): Promise<string[]> {
    const { rows } = await superuser.query<{ key: string; tenant_id: string; meant_for: string; n: number }>(
      `select name as key, tenant_id, address as meant_for, count(*)::int as n
         from developments where name like 'fire-%' group by 1, 2, 3`,
    );
    const faults = rows
      .filter(({ tenant_id, meant_for }) => tenant_id !== meant_for)
      .map(({ key, tenant_id, meant_for }) => `${key} of ${meant_for} is ${tenant_id}'s`);
    const found = new Map(rows.map((row) => [row.key, row]));
    for (const [key, { tenantId, rows, told }] of this.#entries) {
      const { n = 0, tenant_id = tenantId } = found.get(key) ?? {};
      if (tenant_id !== tenantId) faults.push(`${key} of ${tenantId} is ${tenant_id}'s`);
      const right = told === "done" ? n === rows : n === 0 || (told === "unknown" && n === rows);
      if (!right) faults.push(`${key} was told ${told}, and has ${n} of ${rows} rows`);
      if (told === "unknown") this.count(n === 0 ? "unknown, and was not kept" : "unknown, and was kept");
    }
    for (const key of found.keys()) if (!this.#entries.has(key)) faults.push(`${key} is nobody's`);
    return faults;
  }
}

/** What an error says of a transaction: only a lost answer to COMMIT leaves it open. */
export function toldByTransaction(error: unknown): Told {
  return underDrizzle(error) instanceof CommitUnknownError ? "unknown" : "not done";
}

/** What it says of a scoped statement, which commits in the round trip that runs it, so that a cut leaves it open, too. */
export function toldByScopedStatement(error: unknown): Told {
  const thrown = underDrizzle(error);
  if (thrown instanceof StatementTimeoutError) return thrown.outcomeKnown ? "not done" : "unknown";
  return toldByTransaction(error);
}

/** Drizzle wraps whatever a single statement throws. */
function underDrizzle(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}
