import type { Query } from "@openhouse/pool/drizzle";
import { and, eq, gt, isNull, max, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { developments, type UnansweredKind, unanswered } from "../schema/index.ts";
import { asUuid } from "../uuid.ts";

/** UTF-16 units of a text that are kept: enough to see what somebody is after. */
export const UNANSWERED_CHARACTERS = 300;

/** The beginning of a text, without half of a character at its end. */
export const beginningOf = (text: string): string =>
  text
    .trim()
    .slice(0, UNANSWERED_CHARACTERS)
    .replace(/[\uD800-\uDBFF]$/, "");

/** Notes a search that found nothing; once a day for each homeowner. Throws 23503 where home or homeowner are not this tenant's. */
export async function noteSearchInVain(
  db: Database,
  { query, ...where }: { developmentId: string; homeownerId: string; query: string },
): Promise<void> {
  await db
    .insert(unanswered)
    .values({ ...where, kind: "search", body: beginningOf(query) })
    .onConflictDoNothing();
}

export interface Unanswered {
  developmentId: string;
  developmentName: string;
  kind: UnansweredKind;
  /** As it was typed last. */
  body: string;
  /** How many homeowners asked it. */
  homeowners: number;
  /** On how many days, each homeowner's counted by itself. */
  times: number;
  lastAskedAt: Date;
  /** How many there are of the development, these among them. */
  ofDevelopment: number;
}

/**
 * What homeowners of the last 90 days asked and were not answered, a row for each text, by the developments' names, and of each
 * the latest first. One statement.
 *
 * @param developmentId of one development alone. @default of all that are not archived
 * @param limit rows of each development.
 */
export function listUnanswered(
  db: Database,
  { developmentId, limit, offset = 0 }: { developmentId?: string; limit: number; offset?: number },
): Query<Unanswered[]> {
  const lastAskedAt = max(unanswered.createdAt);
  const newestBody = sql<string>`(array_agg(${unanswered.body} order by ${unanswered.createdAt} desc, ${unanswered.id}))[1]`;
  const asked = db
    .select({
      developmentId: unanswered.developmentId,
      kind: unanswered.kind,
      bodyKey: unanswered.bodyKey,
      body: newestBody.as("newest_body"),
      homeowners: sql<number>`count(distinct ${unanswered.homeownerId})::integer`.as("homeowners"),
      times: sql<number>`count(*)::integer`.as("times"),
      lastAskedAt: sql<Date>`${lastAskedAt}`.mapWith(unanswered.createdAt).as("last_asked_at"),
      place: sql<number>`(row_number() over (
        partition by ${unanswered.developmentId} order by ${lastAskedAt} desc, ${unanswered.bodyKey}, ${unanswered.kind}
      ))::integer`.as("place"),
      ofDevelopment: sql<number>`(count(*) over (partition by ${unanswered.developmentId}))::integer`.as(
        "of_development",
      ),
    })
    .from(unanswered)
    .where(
      and(
        gt(unanswered.createdAt, sql`now() - interval '90 days'`),
        developmentId === undefined ? undefined : eq(unanswered.developmentId, asUuid(developmentId)),
      ),
    )
    .groupBy(unanswered.developmentId, unanswered.kind, unanswered.bodyKey)
    .as("asked");
  return db
    .select({
      developmentId: asked.developmentId,
      developmentName: developments.name,
      kind: asked.kind,
      body: asked.body,
      homeowners: asked.homeowners,
      times: asked.times,
      lastAskedAt: asked.lastAskedAt,
      ofDevelopment: asked.ofDevelopment,
    })
    .from(asked)
    .innerJoin(developments, eq(developments.id, asked.developmentId))
    .where(
      and(isNull(developments.archivedAt), gt(asked.place, offset), sql`${asked.place} <= ${offset + limit}`),
    )
    .orderBy(sql`lower(${developments.name})`, developments.id, asked.place);
}
