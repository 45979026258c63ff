import { asSuperuser } from "@openhouse/pool-testing";

export type Told = "done" | "not done" | "unknown";

const CODES = { done: 1, "not done": 2, unknown: 3 } as const;
const TWO_ROWS = 4;
const GROWTH = 1 << 20;

/** What callers were told of each of their writes: a byte each, so that a long run is not told from a leak by its ledger. */
export class Ledger {
  #entries = new Uint8Array(GROWTH);
  #keys = 0;
  readonly totals: Record<Told, number> = { done: 0, "not done": 0, unknown: 0 };
  /** Rows of another tenant, or of anybody for nobody, that a caller was shown. */
  foreign = 0;

  key(): number {
    if (++this.#keys >= this.#entries.length) {
      const more = new Uint8Array(this.#entries.length + GROWTH);
      more.set(this.#entries);
      this.#entries = more;
    }
    return this.#keys;
  }

  note(key: number, rows: 1 | 2, told: Told): void {
    this.#entries[key] = CODES[told] | (rows === 2 ? TWO_ROWS : 0);
    this.totals[told]++;
  }

  /** Writes that are lost, doubled, halved, kept after all, or another tenant's. */
  async wrong(superuserUrl: string, tenantIds: readonly string[]): Promise<string[]> {
    const rows = await asSuperuser(superuserUrl, async (client) => {
      const found = await client.query<{
        key: number;
        n: number;
        tenant: number;
        owner: string;
        owners: number;
      }>(
        `select key, count(*)::int as n, min(tenant) as tenant, min(tenant_id::text) as owner, count(distinct tenant_id)::int as owners
           from soak_ledger group by key`,
      );
      return found.rows;
    });
    const faults: string[] = [];
    const found = new Uint8Array(this.#keys + 1);
    for (const { key, n, tenant, owner, owners } of rows) {
      found[key] = n;
      if (owners !== 1 || tenantIds[tenant] !== owner) faults.push(`write ${key} is another tenant's`);
    }
    for (let key = 1; key <= this.#keys; key++) {
      const entry = this.#entries[key] ?? 0;
      const rows = entry & TWO_ROWS ? 2 : 1;
      const n = found[key] ?? 0;
      const told = entry & 3;
      const right = told === CODES.done ? n === rows : n === 0 || (told === CODES.unknown && n === rows);
      if (!right)
        faults.push(`write ${key}, of ${rows} rows, has ${n}, and its caller was told "${nameOf(told)}"`);
    }
    return faults;
  }
}

function nameOf(code: number): string {
  return Object.entries(CODES).find(([, each]) => each === code)?.[0] ?? "nothing";
}
