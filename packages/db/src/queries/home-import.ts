import { eq, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { developments, homeowners, units } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { noteActivity } from "./activity.ts";
import type { HomeownerFields } from "./homeowner-changes.ts";
import type { UnitFields } from "./unit-changes.ts";

/** A unit with those who live there. */
export interface ImportedHome extends UnitFields {
  homeowners: HomeownerFields[];
}

/**
 * Adds units and homeowners of a development, all or none. A unit whose label is there stays as it is and gets the homeowners it
 * lacks, so that the same list given twice adds nothing the second time.
 *
 * @param homes labels once each, e-mail addresses in small letters.
 * @returns how many were added; null where the development is gone.
 */
export async function importHomes(
  db: Database,
  staffId: string,
  { developmentId, homes }: { developmentId: string; homes: readonly ImportedHome[] },
): Promise<{ units: number; homeowners: number } | null> {
  if (!isUuid(developmentId)) return null;
  const people = homes.flatMap(({ label, homeowners }) => homeowners.map((each) => ({ label, ...each })));
  return db.transaction(async (tx) => {
    const [development] = await tx
      .select({ name: developments.name })
      .from(developments)
      .where(eq(developments.id, developmentId));
    if (development === undefined) return null;
    const newUnits = await tx.execute(sql`
        insert into ${units} (development_id, label, kind, bedrooms, floor_area_m2, handover_on)
        select ${developmentId}::uuid, home.* from jsonb_to_recordset(${JSON.stringify(homes)}::jsonb)
          as home ("label" text, "kind" text, "bedrooms" integer, "floorAreaM2" numeric, "handoverOn" date)
        on conflict do nothing`);
    const newPeople = await tx.execute(sql`
        insert into ${homeowners} (unit_id, name, email)
        select ${units.id}, person.name, person.email
          from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) as person (label text, name text, email text)
          join ${units} on ${units.developmentId} = ${developmentId} and ${units.label} = person.label
        on conflict do nothing`);
    const counts = { units: newUnits.rowCount ?? 0, homeowners: newPeople.rowCount ?? 0 };
    await noteActivity(tx, {
      staffId,
      kind: "units.imported",
      about: `${counts.units} units and ${counts.homeowners} homeowners, ${development.name}`,
    });
    return counts;
  });
}
