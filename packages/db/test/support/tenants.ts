import { testServerUrl } from "@openhouse/pool-testing";
import type pg from "pg";
import { seedId } from "../../src/seed-data/deterministic.ts";
import { actAsTenant, signingFor, tenantToken } from "../../src/signing.ts";
import { APP, as } from "./template.ts";

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
    if (tenantId !== null) await actAsTenant(client, tenantId, testSigning());
    return await work(client);
  } finally {
    await client.query("rollback");
  }
}

/** What the databases of tests let tokens be signed with: the same in every process, as all have the template's. */
export const testSigning = () => signingFor(as(APP, testServerUrl()));

/** A tenant's token for this connection. */
export const tokenOf = (client: pg.ClientBase, tenantId: string) =>
  tenantToken(client, tenantId, testSigning());
