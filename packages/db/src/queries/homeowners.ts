import type { Query } from "@openhouse/pool/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { Reader } from "../database.ts";
import { prepareFor } from "../prepare-for.ts";
import { developments, homeowners, units } from "../schema/index.ts";
import { asUuid } from "../uuid.ts";

export interface Home {
  homeowner: { id: string; name: string; email: string };
  unit: {
    id: string;
    label: string;
    kind: string;
    bedrooms: number;
    floorAreaM2: number;
    /** Calendar day, as "2026-11-21"; null where it is not agreed. */
    handoverOn: string | null;
  };
  development: { id: string; name: string; address: string };
}

const homeOf = prepareFor((db) =>
  db
    .select({
      homeowner: { id: homeowners.id, name: homeowners.name, email: homeowners.email },
      unit: {
        id: units.id,
        label: units.label,
        kind: units.kind,
        bedrooms: units.bedrooms,
        floorAreaM2: units.floorAreaM2,
        handoverOn: units.handoverOn,
      },
      development: { id: developments.id, name: developments.name, address: developments.address },
    })
    .from(homeowners)
    .innerJoin(units, and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId)))
    .innerJoin(
      developments,
      and(eq(developments.tenantId, units.tenantId), eq(developments.id, units.developmentId)),
    )
    .where(eq(homeowners.id, sql.placeholder("homeownerId"))),
);

/** A homeowner with their unit and its development; null when there is none. */
export function findHome(db: Reader, homeownerId: string): Query<Home | null> {
  return homeOf(db, { homeownerId: asUuid(homeownerId) }).map(([home]) => home ?? null);
}
