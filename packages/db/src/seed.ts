import { drizzle } from "drizzle-orm/node-postgres";
import { readUrls, withConnection } from "./connection.ts";
import type { Database } from "./database.ts";
import { listDevelopments } from "./queries/developments.ts";
import { listUnits } from "./queries/units.ts";
import * as schema from "./schema/index.ts";
import type { SeedCompany } from "./seed-data/company.ts";
import { addCompany } from "./seed-data/company-rows.ts";
import { seedId } from "./seed-data/deterministic.ts";
import { harbourVale } from "./seed-data/harbour-vale.ts";
import { northgateLiving } from "./seed-data/northgate-living.ts";
import { actAsTenant } from "./tenant-token.ts";

const COMPANIES: readonly SeedCompany[] = [harbourVale, northgateLiving];

export interface SeedOptions {
  /** The portals' own URL: demo data goes through row-level security, like everything the portals write. */
  appUrl: string;
  log?: (line: string) => void;
  /** The passwords are public, so NODE_ENV=production is refused without this. @default false */
  allowProduction?: boolean;
}

export interface SeedResult {
  /** The demo's sign-ins, as they were at first. */
  staff: {
    tenantName: string;
    email: string;
    password: string;
    role: schema.StaffRole;
    isOperator: boolean;
  }[];
  /** The codes that are open now. */
  onboarding: { tenantName: string; homeownerName: string; unitLabel: string; code: string }[];
}

/**
 * Adds the demo's companies. The same rows with the same ids everywhere; a company that is there already
 * is left as it is, so nothing used, changed or deleted comes back.
 *
 * @throws {SeedRefusedError} in production.
 * @throws {PoolConfigError} the URL is wrong; nothing was connected.
 */
export async function seed({
  appUrl,
  log = () => {},
  allowProduction = false,
}: SeedOptions): Promise<SeedResult> {
  if (process.env.NODE_ENV === "production" && !allowProduction) throw new SeedRefusedError();
  const result: SeedResult = { staff: [], onboarding: [] };
  const { app, signing } = readUrls({ appUrl });
  await withConnection(app, "openhouse-seed", async (client) => {
    const db = drizzle(client, { schema });
    const become = (tenantId: string) => actAsTenant(client, tenantId, signing);
    for (const company of COMPANIES) {
      const onboarding = await seedCompany(db, company, { become, log });
      result.onboarding.push(...onboarding.map((open) => ({ tenantName: company.name, ...open })));
      result.staff.push(
        ...company.staff.map(({ email, password, role, isOperator = false }) => ({
          tenantName: company.name,
          email,
          password,
          role,
          isOperator,
        })),
      );
    }
  });
  return result;
}

/** All of a company or nothing: two seeds at once wait for each other at the tenant's row. */
function seedCompany(
  db: Database,
  company: SeedCompany,
  { become, log }: { become(tenantId: string): Promise<void>; log(line: string): void },
) {
  const tenantId = seedId(company.slug);
  return db.transaction(async (tx) => {
    await become(tenantId);
    const added = await addCompany(tx, company);
    log(`${company.name}: ${added ? "added" : "there already, left as it is"}`);
    return openCodes(tx);
  });
}

async function openCodes(tx: Database) {
  const codes: Omit<SeedResult["onboarding"][number], "tenantName">[] = [];
  for (const { id } of await listDevelopments(tx)) {
    for (const unit of await listUnits(tx, id)) {
      for (const { name, onboardingCode } of unit.homeowners) {
        if (onboardingCode?.state !== "open") continue;
        codes.push({ homeownerName: name, unitLabel: unit.label, code: onboardingCode.code });
      }
    }
  }
  return codes;
}

/** Demo accounts have public passwords and do not belong into production. */
export class SeedRefusedError extends Error {
  readonly code = "SEED_REFUSED";

  constructor() {
    super(
      "NODE_ENV is production, and the demo's accounts have public passwords: nothing was added. " +
        "Where that is wanted all the same, pass { allowProduction: true }.",
    );
    this.name = "SeedRefusedError";
  }
}
