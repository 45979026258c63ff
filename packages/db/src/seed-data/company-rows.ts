import { hash } from "@node-rs/argon2";
import type { Database } from "../database.ts";
import { onboardingCode } from "../onboarding-code.ts";
import { addHomeToDirectory, addToDirectory } from "../queries/directory.ts";
import { addDocument, indexDocument } from "../queries/documents.ts";
import { addStaff } from "../queries/staff.ts";
import { developments, homeowners, onboardingCodes, tenants, units } from "../schema/index.ts";
import type { SeedCompany, SeedDevelopment, SeedHomeowner } from "./company.ts";
import { seedBytes, seedId } from "./deterministic.ts";
import { seedDocument } from "./documents.ts";

const FOUNDED = new Date("2026-01-05T09:00:00Z");
const OLD_CODE = { issued: new Date("2026-02-02T09:00:00Z"), revoked: new Date("2026-03-02T09:00:00Z") };
const CODE = {
  issued: new Date("2026-03-02T09:00:00Z"),
  used: new Date("2026-03-16T18:30:00Z"),
  expired: new Date("2026-06-02T09:00:00Z"),
  // The demo has to work whenever it is tried.
  open: new Date("2099-12-31T00:00:00Z"),
};
const DAY_MS = 86_400_000;

/** Adds a company as the current tenant; false, and nothing done, where it is there already. */
export async function addCompany(db: Database, company: SeedCompany): Promise<boolean> {
  const added = await db
    .insert(tenants)
    .values({ name: company.name, slug: company.slug, createdAt: FOUNDED })
    .onConflictDoNothing()
    .returning({ tenantId: tenants.tenantId });
  if (added.length === 0) return false;

  const [uploader = null] = await addAccounts(db, company);
  for (const development of company.developments) {
    await addDevelopment(db, `${company.slug}/${development.name}`, development, uploader);
  }
  return true;
}

async function addAccounts(db: Database, company: SeedCompany): Promise<string[]> {
  const ids: string[] = [];
  for (const { name, email, role, isOperator = false, password } of company.staff) {
    // A fixed salt makes the demo the same everywhere; these passwords are public anyway.
    const passwordHash = await hash(password, { salt: seedBytes(`salt/${email}`, 16) });
    const id = seedId(`${company.slug}/staff/${email}`);
    ids.push(await addStaff(db, { id, name, email, role, isOperator, passwordHash, createdAt: FOUNDED }));
  }
  return ids;
}

async function addDevelopment(
  db: Database,
  path: string,
  development: SeedDevelopment,
  uploadedBy: string | null,
): Promise<void> {
  const { name, address, stage } = development;
  const developmentId = seedId(path);
  await db.insert(developments).values({ id: developmentId, name, address, stage, createdAt: FOUNDED });

  for (const { homeowners: people, ...unit } of development.units) {
    const unitId = seedId(`${path}/${unit.label}`);
    await db.insert(units).values({ id: unitId, developmentId, ...unit });
    for (const person of people) await addHomeowner(db, `${path}/${unit.label}`, unitId, person);
  }
  for (const [index, documentName] of development.documents.entries()) {
    const createdAt = new Date(FOUNDED.getTime() + index * DAY_MS);
    const documentId = await addDocument(db, {
      id: seedId(`${path}/documents/${documentName}`),
      developmentId,
      mediaType: "text/markdown",
      uploadedBy,
      createdAt,
      ...seedDocument(documentName, { development: name, ...development.facts }),
    });
    await indexDocument(db, documentId, createdAt);
  }
}

async function addHomeowner(
  db: Database,
  path: string,
  unitId: string,
  { name, email, code }: SeedHomeowner,
): Promise<void> {
  const homeownerId = seedId(`${path}/${email}`);
  await db.insert(homeowners).values({ id: homeownerId, unitId, name, email });
  if (code === "none") return;
  await addHomeToDirectory(db, email);
  if (code === "replaced") {
    await addCode(db, `${path}/${email}/old-code`, {
      homeownerId,
      createdAt: OLD_CODE.issued,
      expiresAt: CODE.open,
      revokedAt: OLD_CODE.revoked,
    });
  }
  await addCode(db, `${path}/${email}/code`, {
    homeownerId,
    createdAt: CODE.issued,
    expiresAt: code === "expired" ? CODE.expired : CODE.open,
    usedAt: code === "used" ? CODE.used : null,
  });
}

async function addCode(
  db: Database,
  path: string,
  values: Omit<typeof onboardingCodes.$inferInsert, "id" | "code">,
): Promise<void> {
  const code = onboardingCode(seedBytes(path, 20));
  await db.insert(onboardingCodes).values({ id: seedId(path), code, ...values });
  await addToDirectory(db, "onboarding_code", code);
}
