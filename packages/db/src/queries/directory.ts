import { createHmac } from "node:crypto";
import { sql } from "drizzle-orm";
import { directoryKey } from "../auth-secret.ts";
import type { Database } from "../database.ts";
import { isRefusedDemo } from "../demo.ts";
import { normalizeEmail } from "../email.ts";
import { log } from "../log.ts";
import { normalizeOnboardingCode } from "../onboarding-code.ts";
import type { tenantDirectory } from "../schema/index.ts";

export type DirectoryKind = (typeof tenantDirectory.$inferSelect)["kind"];

/** The tenant whose staff has this e-mail address, or null; a demo company is none in production. Takes the unscoped database. */
export const findTenantByStaffEmail = (db: Database, email: string): Promise<string | null> =>
  findTenant(db, "staff_email", email);

/** The tenant that issued this onboarding code, or null, as above. Takes the unscoped database. */
export const findTenantByOnboardingCode = (db: Database, code: string): Promise<string | null> =>
  findTenant(db, "onboarding_code", code);

/**
 * The tenants that have a homeowner with this e-mail address, 20 at most, none of them a demo company in production. Takes the
 * unscoped database.
 */
export async function findTenantsByHomeownerEmail(db: Database, email: string): Promise<string[]> {
  const { rows } = await db.execute<{ tenantId: string }>(
    sql`select id as "tenantId" from directory_find_all(${lookupHash("homeowner_email", email)}) as id`,
  );
  return rows.map(({ tenantId }) => tenantId).filter(mayComeIn);
}

/** Whether anybody comes in as this tenant: not as a demo company in production, which is told in the log. */
export function mayComeIn(tenantId: string): boolean {
  if (!isRefusedDemo(tenantId)) return true;
  log.warn("db.demo.refused", { tenantId });
  return false;
}

/** Makes the current tenant findable by a homeowner's e-mail address. Belongs into the transaction that makes their code. */
export async function addHomeToDirectory(db: Database, email: string): Promise<void> {
  await db.execute(sql`select directory_add_home(${lookupHash("homeowner_email", email)})`);
}

/**
 * Makes the current tenant findable by `value`. Belongs into the transaction that stores the value.
 * Throws 23505 where another tenant has it already: an address or a code leads to one tenant.
 */
export async function addToDirectory(
  db: Database,
  kind: Exclude<DirectoryKind, "homeowner_email">,
  value: string,
): Promise<void> {
  await db.execute(sql`select directory_add(${kind}, ${lookupHash(kind, value)})`);
}

/** Takes values of the current tenant out of the directory again. */
export async function removeFromDirectory(
  db: Database,
  kind: DirectoryKind,
  values: readonly string[],
): Promise<void> {
  if (values.length === 0) return;
  const hashes = values.map((value) => lookupHash(kind, value));
  await db.execute(sql`select directory_remove(${sql.param(hashes)}::text[])`);
}

/** Makes the current tenant findable by these values and by nothing else. */
export async function replaceInDirectory(
  db: Database,
  entries: readonly { kind: DirectoryKind; value: string }[],
): Promise<void> {
  const kinds = entries.map(({ kind }) => kind);
  const hashes = entries.map(({ kind, value }) => lookupHash(kind, value));
  await db.execute(sql`select directory_replace(${sql.param(kinds)}::text[], ${sql.param(hashes)}::text[])`);
}

/**
 * The tenants that are in the directory, in the order of their ids; `limit` of those behind `after` at most. Takes the
 * unscoped database. A tenant without an entry has neither staff nor codes, so that nobody can come in.
 */
export async function listTenants(
  db: Database,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(
    sql`select id from directory_tenants(${after ?? null}::uuid, ${limit}) as id`,
  );
  return rows.map(({ id }) => id);
}

/** HMAC-SHA256, in hex, of kind and normalised value, with a key that the database does not know. */
export function lookupHash(kind: DirectoryKind, value: string): string {
  const normal = kind === "onboarding_code" ? normalizeOnboardingCode(value) : normalizeEmail(value);
  return createHmac("sha256", directoryKey()).update(`${kind}:${normal}`).digest("hex");
}

async function findTenant(db: Database, kind: DirectoryKind, value: string): Promise<string | null> {
  const { rows } = await db.execute<{ tenantId: string | null }>(
    sql`select directory_find(${lookupHash(kind, value)}) as "tenantId"`,
  );
  const tenantId = rows[0]?.tenantId ?? null;
  return tenantId !== null && mayComeIn(tenantId) ? tenantId : null;
}
