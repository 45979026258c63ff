import { check, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { staff } from "./staff.ts";
import { createdAtColumn, idColumn, oneOf, tenantColumn, tenantPolicy } from "./tenant.ts";

/** What staff do that their colleagues may want to know of. */
export const ACTIVITY_KINDS = [
  "development.created",
  "development.changed",
  "development.archived",
  "development.restored",
  "unit.created",
  "unit.changed",
  "unit.archived",
  "unit.restored",
  "units.imported",
  "homeowner.added",
  "homeowner.changed",
  "homeowner.removed",
  "homeowner.signed_out",
  "code.issued",
  "code.mailed",
  "code.withdrawn",
  "document.uploaded",
  "document.changed",
  "document.replaced",
  "document.deleted",
  "document.restored",
  "staff.invited",
  "staff.role_changed",
  "staff.disabled",
  "staff.enabled",
  "staff.link_made",
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** What a company's staff did, when, and to what. Only ever added to: what is in it cannot be taken back. */
export const activity = pgTable(
  "activity",
  {
    tenantId: tenantColumn(),
    id: idColumn(),
    createdAt: createdAtColumn(),
    staffId: uuid("staff_id").notNull(),
    kind: text("kind", { enum: ACTIVITY_KINDS }).notNull(),
    /** What it was called then: a development, a unit, a document, a colleague. Never a homeowner, who may ask to be forgotten. */
    about: text("about").notNull(),
  },
  (table) => [
    primaryKey({ name: "activity_pkey", columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "activity_staff_fk",
      columns: [table.tenantId, table.staffId],
      foreignColumns: [staff.tenantId, staff.id],
    }).onDelete("restrict"),
    index("activity_newest_idx").on(table.tenantId, table.createdAt),
    index("activity_staff_idx").on(table.tenantId, table.staffId),
    check("activity_kind_check", oneOf(table.kind, ACTIVITY_KINDS)),
    tenantPolicy(),
  ],
);
