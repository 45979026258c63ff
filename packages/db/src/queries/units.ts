import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, asc, eq, exists, ilike, inArray, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { containing } from "../like-pattern.ts";
import { type CodeMailState, homeowners, onboardingCodes, sessions, units } from "../schema/index.ts";
import { asUuid } from "../uuid.ts";
import { codeMailState, LATEST_FIRST, newestCode, newestCodeState } from "./newest-code.ts";
import { type OnboardingCodeState, onboardingCodeState } from "./onboarding-codes.ts";
import { isActiveSession } from "./sessions.ts";

export interface NewestCode {
  id: string;
  code: string;
  state: OnboardingCodeState;
  expiresAt: Date;
  /** How many mails with it were begun, what became of the latest, and since when; null where there was none. */
  mailClaims: number;
  mail: CodeMailState | null;
  mailAt: Date | null;
}

export interface UnitWithHomeowners {
  id: string;
  label: string;
  kind: string;
  bedrooms: number;
  floorAreaM2: number;
  /** Calendar day, as "2026-11-21"; null where it is not agreed. */
  handoverOn: string | null;
  /** Since when it is in the archive; null where it is not. */
  archivedAt: Date | null;
  homeowners: {
    id: string;
    name: string;
    email: string;
    /** The newest one; null where none was issued. */
    onboardingCode: NewestCode | null;
    /** Whether a code of theirs was used so far. */
    wasOpened: boolean;
    /** Where they are signed in, since when; the first one first. */
    sessions: { id: string; createdAt: Date }[];
  }[];
}

/** Units, each with its homeowners and their newest code, in one statement and no order. */
function unitsWhere(db: Database, where: SQL | undefined): Query<UnitWithHomeowners[]> {
  const rows = db.query.units.findMany({
    where,
    columns: {
      id: true,
      label: true,
      kind: true,
      bedrooms: true,
      floorAreaM2: true,
      handoverOn: true,
      archivedAt: true,
    },
    with: {
      homeowners: {
        columns: { id: true, name: true, email: true },
        extras: (homeowner) => ({
          wasOpened: sql<boolean>`exists (
              select 1 from ${onboardingCodes} used
               where used.tenant_id = ${homeowner.tenantId} and used.homeowner_id = ${homeowner.id} and used.used_at is not null
            )`.as("was_opened"),
        }),
        orderBy: [asc(homeowners.name), asc(homeowners.id)],
        with: {
          onboardingCodes: {
            columns: { id: true, code: true, expiresAt: true, mailClaims: true, mailAt: true },
            extras: { state: onboardingCodeState.as("state"), mail: codeMailState.as("mail") },
            orderBy: LATEST_FIRST,
            limit: 1,
          },
          sessions: {
            columns: { id: true, createdAt: true },
            where: isActiveSession,
            orderBy: [asc(sessions.createdAt), asc(sessions.id)],
          },
        },
      },
    },
  });
  return mapQuery(rows, (found) =>
    found.map((unit) => ({
      ...unit,
      homeowners: unit.homeowners.map(({ onboardingCodes: [newest], ...homeowner }) => ({
        ...homeowner,
        onboardingCode: newest ?? null,
      })),
    })),
  );
}

/** "Flat 10" after "Flat 2". Not a collation of the database's: which it has depends on who built it. */
const BY_LABEL = new Intl.Collator("en-GB", { numeric: true });

/** A development's units by label, each with its homeowners and their newest code, in one statement. */
export function listUnits(db: Database, developmentId: string): Query<UnitWithHomeowners[]> {
  return mapQuery(unitsWhere(db, eq(units.developmentId, asUuid(developmentId))), (all) =>
    all.sort((one, other) => BY_LABEL.compare(one.label, other.label)),
  );
}

export const UNIT_SORTS = ["label", "homeowner", "handover"] as const;
export type UnitSort = (typeof UNIT_SORTS)[number];
/** Of a homeowner's newest code; `none`: there is none. */
export const CODE_FILTERS = ["open", "used", "expired", "revoked", "none"] as const;
export type CodeFilter = (typeof CODE_FILTERS)[number];

export interface UnitSearch {
  developmentId: string;
  /** In a unit's label or kind, or in a homeowner's name or address. */
  text?: string;
  code?: CodeFilter | null;
  /** Those in the archive instead of the others. @default false */
  archived?: boolean;
  sort?: UnitSort;
  descending?: boolean;
  limit: number;
  offset?: number;
}

/** Numbers in a label count as numbers, up to nine digits. Letters by their code: a collation of the database's would depend on who built it. */
const NATURAL_LABEL = sql`regexp_replace(regexp_replace(lower(${units.label}), '(\\d+)', '000000000\\1', 'g'), '\\d*(\\d{9})', '\\1', 'g') collate "C"`;

const isUnarchived = isNull(units.archivedAt);
const ownHomeowners = and(eq(homeowners.tenantId, units.tenantId), eq(homeowners.unitId, units.id));

const SORTED_BY: Record<UnitSort, SQL> = {
  label: NATURAL_LABEL,
  homeowner: sql`(select min(lower(${homeowners.name})) from ${homeowners} where ${ownHomeowners}) collate "C"`,
  handover: sql`${units.handoverOn}`,
};

export interface UnitPage {
  readonly ids: readonly string[];
  /** On all pages; 0 behind the last one, where no row tells. */
  readonly total: number;
}

/** Which of a development's units are on a page, in their order, and how many there are. One statement. */
export function findUnitPage(
  db: Database,
  {
    developmentId,
    text = "",
    code = null,
    archived = false,
    sort = "label",
    descending = false,
    limit,
    offset = 0,
  }: UnitSearch,
): Query<UnitPage> {
  const own = eq(units.developmentId, asUuid(developmentId));
  const direction = sql.raw(descending ? "desc" : "asc");
  const rows = db
    .select({ id: units.id, total: sql<number>`(count(*) over ())::integer` })
    .from(units)
    .where(
      and(own, archived ? isNotNull(units.archivedAt) : isUnarchived, holding(db, text), withCode(db, code)),
    )
    .orderBy(sql`${SORTED_BY[sort]} ${direction} nulls last`, NATURAL_LABEL, units.id)
    .limit(limit)
    .offset(offset);
  return mapQuery(rows, (page) => ({ ids: page.map(({ id }) => id), total: page[0]?.total ?? 0 }));
}

/** Units in the order of their ids, each with its homeowners and their newest code. One statement. */
export function listUnitsById(db: Database, ids: readonly string[]): Query<UnitWithHomeowners[]> {
  return mapQuery(unitsWhere(db, inArray(units.id, [...ids])), (found) =>
    found.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id)),
  );
}

function holding(db: Database, text: string): SQL | undefined {
  if (text === "") return undefined;
  const pattern = containing(text);
  const people = db
    .select({ one: sql`1` })
    .from(homeowners)
    .where(and(ownHomeowners, or(ilike(homeowners.name, pattern), ilike(homeowners.email, pattern))));
  return or(ilike(units.label, pattern), ilike(units.kind, pattern), exists(people));
}

function withCode(db: Database, code: CodeFilter | null): SQL | undefined {
  if (code === null) return undefined;
  const state = code === "none" ? sql`${newestCodeState} is null` : eq(newestCodeState, code);
  return exists(db.select({ one: sql`1` }).from(homeowners).where(and(ownHomeowners, state)));
}

/** The unit of one of a development's homeowners, with them alone; null where there is none. */
export function findUnitOf(
  db: Database,
  { developmentId, homeownerId }: { developmentId: string; homeownerId: string },
): Query<UnitWithHomeowners | null> {
  const theirs = db
    .select({ unitId: homeowners.unitId })
    .from(homeowners)
    .where(eq(homeowners.id, asUuid(homeownerId)));
  const own = and(eq(units.developmentId, asUuid(developmentId)), inArray(units.id, theirs));
  return mapQuery(unitsWhere(db, own), ([unit]) =>
    unit === undefined
      ? null
      : { ...unit, homeowners: unit.homeowners.filter(({ id }) => id === homeownerId) },
  );
}

/**
 * How many units and homeowners a development has, how many of these have a code that is ready to scan, and how many units are in
 * the archive, which the others leave out. One statement.
 */
export function countUnits(
  db: Database,
  developmentId: string,
): Query<{ units: number; homeowners: number; openCodes: number; archived: number }> {
  const rows = db
    .select({
      units: sql`count(distinct ${units.id}) filter (where ${isUnarchived})`.mapWith(Number),
      homeowners: sql`count(${homeowners.id}) filter (where ${isUnarchived})`.mapWith(Number),
      openCodes: sql`count(*) filter (where ${isUnarchived} and ${newestCodeState} = 'open')`.mapWith(Number),
      archived: sql`count(distinct ${units.id}) filter (where ${isNotNull(units.archivedAt)})`.mapWith(
        Number,
      ),
    })
    .from(units)
    .leftJoin(homeowners, ownHomeowners)
    .where(eq(units.developmentId, asUuid(developmentId)));
  return mapQuery(rows, ([counted]) => counted ?? { units: 0, homeowners: 0, openCodes: 0, archived: 0 });
}

/** One of a development's units with its homeowners, in the archive or not; null where there is none. */
export function findUnit(
  db: Database,
  { developmentId, unitId }: { developmentId: string; unitId: string },
): Query<UnitWithHomeowners | null> {
  const own = and(eq(units.developmentId, asUuid(developmentId)), eq(units.id, asUuid(unitId)));
  return mapQuery(unitsWhere(db, own), ([unit]) => unit ?? null);
}

export interface OpenCode {
  homeownerId: string;
  homeownerName: string;
  unitLabel: string;
  code: string;
  expiresAt: Date;
}

/** A development's codes that are ready to scan, by unit. One statement. */
export function listOpenCodes(
  db: Database,
  { developmentId, limit, offset }: { developmentId: string; limit: number; offset: number },
): Query<OpenCode[]> {
  const newest = newestCode(db);
  return db
    .select({
      homeownerId: homeowners.id,
      homeownerName: homeowners.name,
      unitLabel: units.label,
      code: newest.code,
      expiresAt: newest.expiresAt,
    })
    .from(units)
    .innerJoin(homeowners, ownHomeowners)
    .innerJoinLateral(newest, sql`true`)
    .where(and(eq(units.developmentId, asUuid(developmentId)), isUnarchived, eq(newest.state, "open")))
    .orderBy(NATURAL_LABEL, units.id, homeowners.name, homeowners.id)
    .limit(limit)
    .offset(offset);
}
