import type pg from "pg";
import { seedId } from "../../src/seed-data/deterministic.ts";

export const HARBOUR = seedId("harbour-vale");
export const NORTHGATE = seedId("northgate-living");
export const COOPERS_QUAY = seedId("harbour-vale/Cooper's Quay");
export const ORCHARD_RISE = seedId("harbour-vale/Orchard Rise");
export const SALTMARSH_LANE = seedId("harbour-vale/Saltmarsh Lane");
export const FOUNDRY = seedId("northgate-living/The Foundry");

export const AMELIA = seedId("harbour-vale/staff/amelia@harbourvale.example");
export const PRIYA = seedId("harbour-vale/Cooper's Quay/Flat 1/priya.nair@example.com");
export const CALLUM = seedId("harbour-vale/Cooper's Quay/Flat 2/callum.doyle@example.com");
export const BETH = seedId("northgate-living/The Foundry/A01/beth.carrick@example.com");

/** Runs `work` in a transaction as the tenant (null: as nobody), and rolls it back. */
export async function asTenant<T>(
  client: pg.Client,
  tenantId: string | null,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  await client.query("begin");
  try {
    if (tenantId !== null) await client.query("select set_config('app.tenant_id', $1, true)", [tenantId]);
    return await work(client);
  } finally {
    await client.query("rollback");
  }
}
