import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { developments, units } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { aboutUnit, noteActivity } from "./activity.ts";
import { type ClosedHome, closeHomes, type Homes } from "./homes.ts";

/**
 * Takes a development or one of its units out of the lists. With `closes`, its homeowners are signed out and their codes withdrawn;
 * without, they go on as before. Answers whose homes were closed; null where it is gone, or in the archive already.
 */
export function archive(
  db: Database,
  staffId: string,
  { closes, ...homes }: Homes & { closes: boolean },
): Promise<ClosedHome[] | null> {
  return db.transaction(async (tx) => {
    if (!(await setArchived(tx, staffId, homes, true))) return null;
    return closes ? closeHomes(tx, homes) : [];
  });
}

/** Brings a development or one of its units back into the lists; false where it is gone. */
export function restore(db: Database, staffId: string, homes: Homes): Promise<boolean> {
  return db.transaction((tx) => setArchived(tx, staffId, homes, false));
}

async function setArchived(db: Database, staffId: string, homes: Homes, archived: boolean): Promise<boolean> {
  const isUnit = homes.unitId !== undefined;
  const id = isUnit ? homes.unitId : homes.developmentId;
  if (!isUuid(id)) return false;
  const to = { archivedAt: archived ? sql`now()` : null };
  const done = archived ? "archived" : "restored";
  if (isUnit) {
    const changed = await db
      .update(units)
      .set(to)
      .where(and(eq(units.id, id), archived ? isNull(units.archivedAt) : undefined))
      .returning({ id: units.id });
    if (changed.length === 0) return false;
    await noteActivity(db, { staffId, kind: `unit.${done}`, about: aboutUnit(id) });
    return true;
  }
  const [changed] = await db
    .update(developments)
    .set(to)
    .where(and(eq(developments.id, id), archived ? isNull(developments.archivedAt) : undefined))
    .returning({ name: developments.name });
  if (changed === undefined) return false;
  await noteActivity(db, { staffId, kind: `development.${done}`, about: changed.name });
  return true;
}
