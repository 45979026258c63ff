import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { readUrls, withConnection } from "./connection.ts";
import type { Database } from "./database.ts";
import { listTenants, replaceInDirectory } from "./queries/directory.ts";
import { listSecondFactors, resealSecondFactor } from "./queries/second-factors.ts";
import * as schema from "./schema/index.ts";
import { openSecret, sealSecret } from "./second-factor-secret.ts";
import { actAsTenant } from "./tenant-token.ts";

const TENANTS_AT_ONCE = 200;

/**
 * Makes the directory's hashes anew with the `AUTH_SECRET` of now, for when that has changed: until then nobody is found
 * by their e-mail address or code. What `AUTH_SECRET_PREVIOUS` has sealed is sealed with the one of now. Each tenant's in one
 * transaction. Repeated, it changes nothing.
 *
 * @returns of how many tenants.
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`; {@link PoolConfigError} the URL is wrong.
 */
export async function rekeyDirectory({ appUrl }: { appUrl: string }): Promise<number> {
  const { app, signing } = readUrls({ appUrl });
  return withConnection(app, "openhouse-rekey", async (client) => {
    const db = drizzle(client, { schema });
    const act: ActAs = (tenantId) => actAsTenant(client, tenantId, signing);
    let count = 0;
    for (let after: string | undefined; ; ) {
      const tenants = await listTenants(db, { after, limit: TENANTS_AT_ONCE });
      for (const tenantId of tenants) await rekeyTenant(db, act, tenantId);
      count += tenants.length;
      after = tenants.at(-1);
      if (after === undefined) return count;
    }
  });
}

/** Acts as a tenant for the rest of the transaction. */
type ActAs = (tenantId: string) => Promise<unknown>;

/** Of the homeowners that a code was made for: only they are looked for by their address. */
function emailsWithCode(tx: Database): Promise<{ value: string }[]> {
  const { homeowners, onboardingCodes } = schema;
  return tx
    .selectDistinct({ value: homeowners.email })
    .from(homeowners)
    .innerJoin(
      onboardingCodes,
      and(eq(onboardingCodes.tenantId, homeowners.tenantId), eq(onboardingCodes.homeownerId, homeowners.id)),
    );
}

/** What comes in meanwhile is not seen, and so stays as it is. */
function rekeyTenant(db: Database, act: ActAs, tenantId: string): Promise<void> {
  return db.transaction(
    async (tx) => {
      await act(tenantId);
      const people = await tx.select({ value: schema.staff.email }).from(schema.staff);
      const homes = await emailsWithCode(tx);
      const codes = await tx.select({ value: schema.onboardingCodes.code }).from(schema.onboardingCodes);
      await replaceInDirectory(tx, [
        ...people.map(({ value }) => ({ kind: "staff_email" as const, value })),
        ...homes.map(({ value }) => ({ kind: "homeowner_email" as const, value })),
        ...codes.map(({ value }) => ({ kind: "onboarding_code" as const, value })),
      ]);
      for (const { staffId, sealedSecret } of await listSecondFactors(tx)) {
        const opened = openSecret({ tenantId, staffId }, sealedSecret);
        if (opened?.byPrevious)
          await resealSecondFactor(tx, {
            staffId,
            sealedSecret: sealSecret({ tenantId, staffId }, opened.text),
          });
      }
    },
    { isolationLevel: "repeatable read" },
  );
}
