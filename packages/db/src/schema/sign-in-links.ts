import { foreignKey, index, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { homeowners } from "./homeowners.ts";
import { createdAtColumn, idColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** Lets a homeowner back in who asked for it by e-mail. Good for one use, for minutes. */
export const signInLinks = pgTable(
  "sign_in_links",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    homeownerId: uuid("homeowner_id").notNull(),
    /** HMAC-SHA256 of what the mail carries, with a key that the database does not know. */
    tokenHash: text("token_hash").notNull(),
    createdAt: createdAtColumn(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [
    primaryKey({ name: "sign_in_links_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "sign_in_links_homeowner_fk",
      columns: [table.tenantId, table.homeownerId],
      foreignColumns: [homeowners.tenantId, homeowners.id],
    }).onDelete("cascade"),
    unique("sign_in_links_token_key").on(table.tenantId, table.tokenHash),
    index("sign_in_links_homeowner_idx").on(table.tenantId, table.homeownerId),
    tenantPolicy(),
  ],
);
