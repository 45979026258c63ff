import { eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { units } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { isForeignKeyViolation, unlessTaken } from "../violations.ts";
import { aboutUnit, noteActivity } from "./activity.ts";

export interface UnitFields {
  label: string;
  /** As it is sold: "Terraced house". */
  kind: string;
  bedrooms: number;
  floorAreaM2: number;
  /** Calendar day, as "2026-11-21"; null where it is not agreed. */
  handoverOn: string | null;
}

/** Adds a unit; answers its id, `taken` where the development has one with this label, null where the development is gone. */
export async function addUnit(
  db: Database,
  staffId: string,
  unit: UnitFields & { developmentId: string },
): Promise<{ id: string } | "taken" | null> {
  if (!isUuid(unit.developmentId)) return null;
  try {
    return await unlessTaken(
      db.transaction(async (tx) => {
        const added = expectOne(await tx.insert(units).values(unit).returning({ id: units.id }));
        await noteActivity(tx, { staffId, kind: "unit.created", about: aboutUnit(added.id) });
        return added;
      }),
    );
  } catch (error) {
    if (isForeignKeyViolation(error)) return null;
    throw error;
  }
}

/** Changes a unit; false where it is gone, `taken` where its development has another one with this label. */
export async function changeUnit(
  db: Database,
  staffId: string,
  { id, ...changes }: UnitFields & { id: string },
): Promise<boolean | "taken"> {
  if (!isUuid(id)) return false;
  return unlessTaken(
    db.transaction(async (tx) => {
      const changed = await tx.update(units).set(changes).where(eq(units.id, id)).returning({ id: units.id });
      if (changed.length === 0) return false;
      await noteActivity(tx, { staffId, kind: "unit.changed", about: aboutUnit(id) });
      return true;
    }),
  );
}
