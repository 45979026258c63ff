import { randomUUID } from "node:crypto";
import { asSuperuser } from "@openhouse/pool-testing";
import type { Portals } from "./portals.ts";

/** Somebody who lives in a development, with a code that nobody has used. */
export interface Resident {
  readonly tenantId: string;
  readonly homeownerId: string;
  readonly name: string;
  readonly code: string;
}

const ADD_HOMEOWNERS = `
  with people as (select * from json_to_recordset($2) as p ("unitId" uuid, "homeownerId" uuid, name text)),
  homes as (
    insert into units (tenant_id, id, development_id, label, kind, bedrooms, floor_area_m2)
    select d.tenant_id, p."unitId", d.id, p.name || '''s flat', 'Apartment', 1, 50 from people p, developments d where d.name = $1
    returning tenant_id, id)
  insert into homeowners (tenant_id, id, unit_id, name, email)
  select homes.tenant_id, p."homeownerId", homes.id, p.name, p."homeownerId" || '@example.com'
    from people p join homes on homes.id = p."unitId"
  returning tenant_id as "tenantId", id as "homeownerId", name`;

/** Moves `count` homeowners into a development, each with a home and, issued as the portal issues it, a code. */
export async function moveIn(
  { postgres, appUrl }: Portals,
  developmentName: string,
  count: number,
): Promise<Resident[]> {
  const people = Array.from({ length: count }, () => ({
    unitId: randomUUID(),
    homeownerId: randomUUID(),
    name: `Resident ${randomUUID().slice(0, 8)}`,
  }));
  const { rows } = await asSuperuser(postgres.url, (client) =>
    client.query<Omit<Resident, "code">>(ADD_HOMEOWNERS, [developmentName, JSON.stringify(people)]),
  );
  const [{ disconnect, forTenant }, { issueOnboardingCode }] = await Promise.all([
    import("@openhouse/db/client"),
    import("@openhouse/db/queries/onboarding-codes"),
  ]);
  process.env.DATABASE_URL = appUrl;
  try {
    const issue = async (person: Omit<Resident, "code">): Promise<Resident> => {
      const { tenantId, homeownerId } = person;
      const code = await issueOnboardingCode(forTenant(tenantId), { homeownerId, validForMs: 3_600_000 });
      return { ...person, code };
    };
    return await Promise.all(rows.map(issue));
  } finally {
    await disconnect();
    delete process.env.DATABASE_URL;
  }
}

/** Sends a code as a program of the portal's own origin does. */
export function redeem({ tenant }: Portals, code: string): Promise<Response> {
  return fetch(`${tenant.url}/api/onboarding`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: tenant.url },
    body: JSON.stringify({ code }),
  });
}
