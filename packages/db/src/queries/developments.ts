import type { Query } from "@openhouse/pool/drizzle";
import {
  and,
  asc,
  count,
  countDistinct,
  eq,
  isNotNull,
  isNull,
  type SQL,
  type SQLWrapper,
  sql,
} from "drizzle-orm";
import type { Database } from "../database.ts";
import { prepareFor } from "../prepare-for.ts";
import {
  chatThreads,
  type DevelopmentStage,
  developments,
  documents,
  homeowners,
  units,
} from "../schema/index.ts";
import { asUuid } from "../uuid.ts";

export interface DevelopmentOverview {
  id: string;
  name: string;
  address: string;
  stage: DevelopmentStage;
  unitCount: number;
  homeownerCount: number;
  documentCount: number;
  threadCount: number;
}

const overviewsWhere = (where: SQL) =>
  prepareFor((db) => {
    const people = db
      .select({
        tenantId: units.tenantId,
        developmentId: units.developmentId,
        unitCount: countDistinct(units.id).as("unit_count"),
        homeownerCount: countDistinct(homeowners.id).as("homeowner_count"),
        threadCount: count(chatThreads.id).as("thread_count"),
      })
      .from(units)
      .leftJoin(homeowners, and(eq(homeowners.tenantId, units.tenantId), eq(homeowners.unitId, units.id)))
      .leftJoin(
        chatThreads,
        and(eq(chatThreads.tenantId, homeowners.tenantId), eq(chatThreads.homeownerId, homeowners.id)),
      )
      .where(isNull(units.archivedAt))
      .groupBy(units.tenantId, units.developmentId)
      .as("people");
    const papers = db
      .select({
        tenantId: documents.tenantId,
        developmentId: documents.developmentId,
        documentCount: count().as("document_count"),
      })
      .from(documents)
      .where(isNull(documents.deletedAt))
      .groupBy(documents.tenantId, documents.developmentId)
      .as("papers");
    return db
      .select({
        id: developments.id,
        name: developments.name,
        address: developments.address,
        stage: developments.stage,
        unitCount: orZero(people.unitCount),
        homeownerCount: orZero(people.homeownerCount),
        documentCount: orZero(papers.documentCount),
        threadCount: orZero(people.threadCount),
      })
      .from(developments)
      .leftJoin(
        people,
        and(eq(people.tenantId, developments.tenantId), eq(people.developmentId, developments.id)),
      )
      .leftJoin(
        papers,
        and(eq(papers.tenantId, developments.tenantId), eq(papers.developmentId, developments.id)),
      )
      .where(where)
      .orderBy(asc(developments.name), asc(developments.id));
  });

const overviews = overviewsWhere(isNull(developments.archivedAt));
const archivedOverviews = overviewsWhere(isNotNull(developments.archivedAt));

/** The developments that are not in the archive by name, each with its counts, in one statement. */
export function listDevelopments(db: Database): Query<DevelopmentOverview[]> {
  return overviews(db);
}

/** Those in the archive. */
export function listArchivedDevelopments(db: Database): Query<DevelopmentOverview[]> {
  return archivedOverviews(db);
}

/** How many developments are in the archive. */
export function countArchivedDevelopments(db: Database): Query<number> {
  return archivedCount(db).map(([row]) => row?.count ?? 0);
}

const archivedCount = prepareFor((db) =>
  db.select({ count: count() }).from(developments).where(isNotNull(developments.archivedAt)),
);

export interface Development {
  id: string;
  name: string;
  address: string;
  stage: DevelopmentStage;
  createdAt: Date;
  /** Since when it is in the archive; null where it is not. */
  archivedAt: Date | null;
}

const developmentById = prepareFor((db) =>
  db
    .select({
      id: developments.id,
      name: developments.name,
      address: developments.address,
      stage: developments.stage,
      createdAt: developments.createdAt,
      archivedAt: developments.archivedAt,
    })
    .from(developments)
    .where(eq(developments.id, sql.placeholder("id"))),
);

/** Null when there is none; an `id` that is no UUID names none. */
export function findDevelopment(db: Database, id: string): Query<Development | null> {
  return developmentById(db, { id: asUuid(id) }).map(([development]) => development ?? null);
}

const orZero = (count: SQLWrapper) => sql<number>`coalesce(${count}, 0)`.mapWith(Number);
