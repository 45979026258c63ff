import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import { normalizeEmail } from "../email.ts";
import { normalizeOnboardingCode } from "../onboarding-code.ts";
import { tenantDirectory } from "../schema/index.ts";

export type DirectoryKind = (typeof tenantDirectory.$inferSelect)["kind"];

/** The tenant whose staff has this e-mail address, or null. Takes the unscoped database. */
export const findTenantByStaffEmail = (db: Database, email: string): Promise<string | null> =>
  findTenant(db, "staff_email", email);

/** The tenant that issued this onboarding code, or null. Takes the unscoped database. */
export const findTenantByOnboardingCode = (db: Database, code: string): Promise<string | null> =>
  findTenant(db, "onboarding_code", code);

/**
 * Makes the current tenant findable by `value`. Belongs into the transaction that stores the value.
 * Throws 23505 where another tenant has it already: an address or a code leads to one tenant.
 */
export async function addToDirectory(db: Database, kind: DirectoryKind, value: string): Promise<void> {
  await db.insert(tenantDirectory).values({ kind, lookupHash: lookupHash(kind, value) });
}

/** SHA-256, in hex, of kind and normalised value. */
export function lookupHash(kind: DirectoryKind, value: string): string {
  const normal = kind === "staff_email" ? normalizeEmail(value) : normalizeOnboardingCode(value);
  return createHash("sha256").update(`${kind}:${normal}`).digest("hex");
}

async function findTenant(db: Database, kind: DirectoryKind, value: string): Promise<string | null> {
  const [entry] = await db
    .select({ tenantId: tenantDirectory.tenantId })
    .from(tenantDirectory)
    .where(eq(tenantDirectory.lookupHash, lookupHash(kind, value)));
  return entry?.tenantId ?? null;
}
