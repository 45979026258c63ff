import { asSuperuser } from "@openhouse/pool-testing";
import { faultOf, type Told } from "@openhouse/tooling/measure/ledger";

const TOLD = ["unknown", "done", "not done"] as const satisfies readonly Told[];
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
    this.#entries[key] = TOLD.indexOf(told) | (rows === 2 ? TWO_ROWS : 0);
    this.totals[told]++;
  }

  /** Writes that are lost, doubled, halved, kept after all, or another tenant's. */
  async wrong(superuserUrl: string, tenantIds: readonly string[]): Promise<string[]> {
    const { rows } = await asSuperuser(superuserUrl, (client) => client.query<FoundRow>(FOUND));
    const faults: string[] = [];
    const found = new Uint8Array(this.#keys + 1);
    for (const { key, n, tenant, owner, owners } of rows) {
      found[key] = n;
      if (owners !== 1 || tenantIds[tenant] !== owner) faults.push(`write ${key} is another tenant's`);
    }
    for (let key = 1; key <= this.#keys; key++) {
      const entry = this.#entries[key] ?? 0;
      const told = TOLD[entry & 3] ?? "unknown";
      const [wanted, there] = [entry & TWO_ROWS ? 2 : 1, found[key] ?? 0];
      const fault = faultOf(told, wanted, there);
      if (fault !== undefined)
        faults.push(
          `write ${key} is ${fault}: of ${wanted} rows it has ${there}, and its caller was told "${told}"`,
        );
    }
    return faults;
  }
}

interface FoundRow {
  readonly key: number;
  readonly n: number;
  readonly tenant: number;
  readonly owner: string;
  readonly owners: number;
}

const FOUND = `
  select key, count(*)::int as n, min(tenant) as tenant, min(tenant_id::text) as owner, count(distinct tenant_id)::int as owners
    from soak_ledger group by key`;
