import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { type DevelopmentStage, developments } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { noteActivity } from "./activity.ts";
import { type ClosedHome, closeHomes } from "./homes.ts";

export interface DevelopmentFields {
  name: string;
  address: string;
  stage: DevelopmentStage;
}

/** Adds a development; answers its id. `staffId` is who does it, as in every change here. */
export function addDevelopment(
  db: Database,
  staffId: string,
  development: DevelopmentFields,
): Promise<string> {
  return db.transaction(async (tx) => {
    const added = await tx.insert(developments).values(development).returning({ id: developments.id });
    await noteActivity(tx, { staffId, kind: "development.created", about: development.name });
    return expectOne(added).id;
  });
}

/** Changes name, address and stage; false where the development is gone. */
export async function changeDevelopment(
  db: Database,
  staffId: string,
  { id, ...changes }: DevelopmentFields & { id: string },
): Promise<boolean> {
  if (!isUuid(id)) return false;
  return db.transaction(async (tx) => {
    const changed = await tx
      .update(developments)
      .set(changes)
      .where(eq(developments.id, id))
      .returning({ name: developments.name });
    if (changed.length === 0) return false;
    await noteActivity(tx, { staffId, kind: "development.changed", about: expectOne(changed).name });
    return true;
  });
}

/**
 * Takes a development out of the lists. With `closes`, its homeowners are signed out and their codes withdrawn; without, they
 * go on as before. Answers whose homes were closed; null where the development is gone, or in the archive already.
 */
export async function archiveDevelopment(
  db: Database,
  staffId: string,
  { id, closes }: { id: string; closes: boolean },
): Promise<ClosedHome[] | null> {
  if (!isUuid(id)) return null;
  return db.transaction(async (tx) => {
    const archived = await tx
      .update(developments)
      .set({ archivedAt: sql`now()` })
      .where(and(eq(developments.id, id), isNull(developments.archivedAt)))
      .returning({ name: developments.name });
    if (archived.length === 0) return null;
    await noteActivity(tx, { staffId, kind: "development.archived", about: expectOne(archived).name });
    return closes ? closeHomes(tx, { developmentId: id }) : [];
  });
}

/** Brings a development back into the lists; false where it is gone. */
export async function restoreDevelopment(db: Database, staffId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return db.transaction(async (tx) => {
    const restored = await tx
      .update(developments)
      .set({ archivedAt: null })
      .where(eq(developments.id, id))
      .returning({ name: developments.name });
    if (restored.length === 0) return false;
    await noteActivity(tx, { staffId, kind: "development.restored", about: expectOne(restored).name });
    return true;
  });
}
