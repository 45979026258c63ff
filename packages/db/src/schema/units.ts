import {
  date,
  foreignKey,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { developments } from "./developments.ts";
import { idColumn, instant, tenantColumn, tenantPolicy } from "./tenant.ts";

/** A house or flat of a development. It cannot be deleted while a homeowner is recorded for it. */
export const units = pgTable(
  "units",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    developmentId: uuid("development_id").notNull(),
    label: text("label").notNull(),
    kind: text("kind").notNull(),
    bedrooms: integer("bedrooms").notNull(),
    floorAreaM2: numeric("floor_area_m2", { precision: 7, scale: 1, mode: "number" }).notNull(),
    handoverOn: date("handover_on", { mode: "string" }),
    /** Out of the lists of staff since then; who lives there goes on as before. */
    archivedAt: instant("archived_at"),
  },
  (table) => [
    primaryKey({ name: "units_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "units_development_fk",
      columns: [table.tenantId, table.developmentId],
      foreignColumns: [developments.tenantId, developments.id],
    }).onDelete("cascade"),
    unique("units_label_key").on(table.tenantId, table.developmentId, table.label),
    tenantPolicy(),
  ],
);
