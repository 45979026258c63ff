import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { asc, desc, eq, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { homeowners, onboardingCodes, sessions, units } from "../schema/index.ts";
import { asUuid } from "../uuid.ts";
import { type OnboardingCodeState, onboardingCodeState } from "./onboarding-codes.ts";
import { isActiveSession } from "./sessions.ts";

export interface UnitWithHomeowners {
  id: string;
  label: string;
  kind: string;
  bedrooms: number;
  floorAreaM2: number;
  /** Calendar day, as "2026-11-21"; null where it is not agreed. */
  handoverOn: string | null;
  homeowners: {
    id: string;
    name: string;
    email: string;
    /** The newest one; null where none was issued. */
    onboardingCode: { id: string; code: string; state: OnboardingCodeState; expiresAt: Date } | null;
    /** Whether a code of theirs was used so far. */
    wasOpened: boolean;
    /** Where they are signed in, since when; the first one first. */
    sessions: { id: string; createdAt: Date }[];
  }[];
}

/** "Flat 10" after "Flat 2". Not a collation of the database's: which it has depends on who built it. */
const BY_LABEL = new Intl.Collator("en-GB", { numeric: true });

/** A development's units by label, each with its homeowners and their newest code, in one statement. */
export function listUnits(db: Database, developmentId: string): Query<UnitWithHomeowners[]> {
  const rows = db.query.units.findMany({
    columns: { id: true, label: true, kind: true, bedrooms: true, floorAreaM2: true, handoverOn: true },
    where: eq(units.developmentId, asUuid(developmentId)),
    orderBy: asc(units.id),
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
            columns: { id: true, code: true, expiresAt: true },
            extras: { state: onboardingCodeState.as("state") },
            orderBy: [desc(onboardingCodes.createdAt), desc(onboardingCodes.id)],
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
  return mapQuery(rows, (found) => {
    const listed = found.map((unit) => ({
      ...unit,
      homeowners: unit.homeowners.map(({ onboardingCodes: [newest], ...homeowner }) => ({
        ...homeowner,
        onboardingCode: newest ?? null,
      })),
    }));
    return listed.sort((one, other) => BY_LABEL.compare(one.label, other.label));
  });
}
