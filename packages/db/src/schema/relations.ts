import { relations } from "drizzle-orm";
import { homeowners } from "./homeowners.ts";
import { onboardingCodes } from "./onboarding-codes.ts";
import { sessions } from "./sessions.ts";
import { units } from "./units.ts";

export const unitRelations = relations(units, ({ many }) => ({ homeowners: many(homeowners) }));

export const homeownerRelations = relations(homeowners, ({ one, many }) => ({
  unit: one(units, {
    fields: [homeowners.tenantId, homeowners.unitId],
    references: [units.tenantId, units.id],
  }),
  onboardingCodes: many(onboardingCodes),
  sessions: many(sessions),
}));

export const onboardingCodeRelations = relations(onboardingCodes, ({ one }) => ({
  homeowner: one(homeowners, {
    fields: [onboardingCodes.tenantId, onboardingCodes.homeownerId],
    references: [homeowners.tenantId, homeowners.id],
  }),
}));

export const sessionRelations = relations(sessions, ({ one }) => ({
  homeowner: one(homeowners, {
    fields: [sessions.tenantId, sessions.homeownerId],
    references: [homeowners.tenantId, homeowners.id],
  }),
}));
