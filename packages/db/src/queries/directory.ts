import { createHash } from "node:crypto";
import { eq, type SQL, sql } from "drizzle-orm";
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

/**
 * The tenants that are in the directory, in the order of their ids; `limit` of those behind `after` at most. Takes the
 * unscoped database: this is the one table that tells of all of them. A tenant without an entry has neither staff nor
 * codes, so that nobody can come in.
 *
 * Goes from one tenant's entries to the next one's in the index: a tenant has thousands.
 */
export async function listTenants(
  db: Database,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<string[]> {
  const next = (behind: SQL) =>
    sql`(select tenant_id from ${tenantDirectory} where ${behind} order by tenant_id limit 1)`;
  const first = next(after === undefined ? sql`true` : sql`tenant_id > ${after}::uuid`);
  const { rows } = await db.execute<{ id: string }>(sql`
    with recursive tenant(id) as (
      ${first}
      union all
      select ${next(sql`tenant_id > tenant.id`)} from tenant where tenant.id is not null
    )
    select id from tenant where id is not null limit ${limit}`);
  return rows.map(({ id }) => id);
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
