import {
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { homeowners } from "./homeowners.ts";
import { createdAtColumn, idColumn, instant, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";

/** What became of a code's latest mail; `uncertain`: it may have been sent, and whoever could say so is gone. */
export const CODE_MAIL_STATES = ["sending", "sent", "failed", "uncertain"] as const;
export type CodeMailState = (typeof CODE_MAIL_STATES)[number];

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
    /** How many mails with it were handed to a mail server, or may have been. */
    mails: integer("mails").notNull().default(0),
    /** How many were begun: the number of the latest is what its sender shows when it is done. */
    mailClaims: integer("mail_claims").notNull().default(0),
    /** Null where none was. */
    mailState: text("mail_state", { enum: CODE_MAIL_STATES }),
    /** Since when it is in that state. */
    mailAt: instant("mail_at"),
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
    check("onboarding_codes_mail_state_check", oneOf(table.mailState, CODE_MAIL_STATES)),
    tenantPolicy(),
  ],
);
