import { foreignKey, index, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { homeowners } from "./homeowners.ts";
import { createdAtColumn, idColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** What a homeowner's QR code carries. Good for one use, until it expires or a newer one revokes it. */
export const onboardingCodes = pgTable(
  "onboarding_codes",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    homeownerId: uuid("homeowner_id").notNull(),
    code: text("code").notNull(),
    createdAt: createdAtColumn(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [
    primaryKey({ name: "onboarding_codes_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "onboarding_codes_homeowner_fk",
      columns: [table.tenantId, table.homeownerId],
      foreignColumns: [homeowners.tenantId, homeowners.id],
    }).onDelete("cascade"),
    unique("onboarding_codes_code_key").on(table.tenantId, table.code),
    index("onboarding_codes_newest_idx").on(table.tenantId, table.homeownerId, table.createdAt),
    tenantPolicy(),
  ],
);
