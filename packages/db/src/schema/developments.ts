import { check, foreignKey, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAtColumn, idColumn, instant, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";
import { tenants } from "./tenants.ts";

export const DEVELOPMENT_STAGES = ["planning", "building", "completed"] as const;
export type DevelopmentStage = (typeof DEVELOPMENT_STAGES)[number];

/** A site that a company builds. Deleting it takes its units and documents along, unless people live there. */
export const developments = pgTable(
  "developments",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    name: text("name").notNull(),
    address: text("address").notNull(),
    stage: text("stage", { enum: DEVELOPMENT_STAGES }).notNull(),
    createdAt: createdAtColumn(),
    /** Out of the lists of staff since then, and nothing else: its homes and documents stay as they are. */
    archivedAt: instant("archived_at"),
  },
  (table) => [
    primaryKey({ name: "developments_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "developments_tenant_fk",
      columns: [table.tenantId],
      foreignColumns: [tenants.tenantId],
    }).onDelete("restrict"),
    check("developments_stage_check", oneOf(table.stage, DEVELOPMENT_STAGES)),
    tenantPolicy(),
  ],
);
