import { relations, sql } from "drizzle-orm";
import { doublePrecision, integer, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" }).notNull();
const tenantColumn = () =>
  uuid("tenant_id").notNull().default(sql`nullif(current_setting('app.tenant_id', true), '')::uuid`);

export const homes = pgTable("homes", {
  id: integer("id").primaryKey(),
  label: text("label").notNull(),
  kind: text("kind").notNull(),
  bedrooms: integer("bedrooms").notNull(),
  floorArea: doublePrecision("floor_area").notNull(),
  handoverAt: instant("handover_at"),
});

export const residents = pgTable("residents", {
  id: integer("id").primaryKey(),
  homeId: integer("home_id").notNull(),
  name: text("name").notNull(),
  email: text("email").notNull(),
});

export const visits = pgTable("visits", {
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  homeId: integer("home_id").notNull(),
  note: text("note").notNull(),
  at: instant("at").defaultNow(),
});

export const keyed = pgTable("keyed", { key: integer("key").primaryKey(), label: text("label").notNull() });

const noteColumns = () => ({
  tenantId: tenantColumn(),
  id: integer("id").notNull(),
  body: text("body").notNull(),
  updatedAt: instant("updated_at").defaultNow(),
});

/** With row-level security. */
export const notes = pgTable("notes", noteColumns(), (table) => [
  primaryKey({ columns: [table.tenantId, table.id] }),
]);

/** The same without row-level security. */
export const openNotes = pgTable("open_notes", noteColumns(), (table) => [
  primaryKey({ columns: [table.tenantId, table.id] }),
]);

const visitColumns = () => ({
  tenantId: tenantColumn(),
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  note: text("note").notNull(),
});

export const tenantVisits = pgTable("tenant_visits", visitColumns());

/** Those two with policies that check a signature. */
export const signedNotes = pgTable("signed_notes", noteColumns(), (table) => [
  primaryKey({ columns: [table.tenantId, table.id] }),
]);
export const signedVisits = pgTable("signed_visits", visitColumns());

export const homeRelations = relations(homes, ({ many }) => ({ residents: many(residents) }));
export const residentRelations = relations(residents, ({ one }) => ({
  home: one(homes, { fields: [residents.homeId], references: [homes.id] }),
}));
