import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, asc, desc, eq, ilike, inArray, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { containing } from "../like-pattern.ts";
import { type ActivityKind, activity, developments, homeowners, staff, units } from "../schema/index.ts";

export interface NewActivity {
  staffId: string;
  kind: ActivityKind;
  /** What it is called, such as "Plot 4, Orchard Rise". */
  about: string | SQL<string>;
}

/** Notes what a member of staff did. Belongs into the transaction that does it. Throws 23503 where they are not this tenant's. */
export async function noteActivity(db: Database, { staffId, kind, about }: NewActivity): Promise<void> {
  await db.insert(activity).values({ staffId, kind, about });
}

/** The unit and its development, as the log calls them: the names of homeowners are not in it. */
export const aboutUnit = (unitId: string): SQL<string> => sql`(
  select ${units.label} || ', ' || ${developments.name} from ${units}
    join ${developments} on ${and(eq(developments.tenantId, units.tenantId), eq(developments.id, units.developmentId))}
   where ${eq(units.id, unitId)})`;

/** {@link aboutUnit} of where a homeowner lives. */
export const aboutHomeOf = (homeownerId: string): SQL<string> => sql`(
  select ${units.label} || ', ' || ${developments.name} from ${homeowners}
    join ${units} on ${and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId))}
    join ${developments} on ${and(eq(developments.tenantId, units.tenantId), eq(developments.id, units.developmentId))}
   where ${eq(homeowners.id, homeownerId)})`;

export interface ListedActivity {
  id: string;
  createdAt: Date;
  staffName: string;
  kind: ActivityKind;
  about: string;
}

export interface ActivitySearch {
  /** In the name of who did it, or of what it was done to. */
  text?: string;
  /** Kinds whose words hold the text, too. */
  kinds?: readonly ActivityKind[];
  /** @default false: the latest first */
  oldestFirst?: boolean;
  limit: number;
  offset?: number;
}

/** What the tenant's staff did. One statement; asks for one more than `limit` to tell whether there is more. */
export function listActivity(
  db: Database,
  { text = "", kinds = [], oldestFirst = false, limit, offset = 0 }: ActivitySearch,
): Query<{ entries: ListedActivity[]; more: boolean }> {
  const inOrder = oldestFirst ? asc : desc;
  const rows = db
    .select({
      id: activity.id,
      createdAt: activity.createdAt,
      staffName: staff.name,
      kind: activity.kind,
      about: activity.about,
    })
    .from(activity)
    .innerJoin(staff, and(eq(staff.tenantId, activity.tenantId), eq(staff.id, activity.staffId)))
    .where(holding(text, kinds))
    .orderBy(inOrder(activity.createdAt), inOrder(activity.id))
    .limit(limit + 1)
    .offset(offset);
  return mapQuery(rows, (found) => ({ entries: found.slice(0, limit), more: found.length > limit }));
}

function holding(text: string, kinds: readonly ActivityKind[]): SQL | undefined {
  if (text === "") return undefined;
  const pattern = containing(text);
  const said = kinds.length === 0 ? undefined : inArray(activity.kind, [...kinds]);
  return or(ilike(activity.about, pattern), ilike(staff.name, pattern), said);
}
