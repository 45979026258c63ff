import { eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import { expectOne } from "../expect-one.ts";
import { type DevelopmentStage, developments } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { noteActivity } from "./activity.ts";

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
