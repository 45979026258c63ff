import { relations } from "drizzle-orm";
import { homeowners } from "./homeowners.ts";
import { onboardingCodes } from "./onboarding-codes.ts";
import { units } from "./units.ts";

export const unitRelations = relations(units, ({ many }) => ({ homeowners: many(homeowners) }));

export const homeownerRelations = relations(homeowners, ({ one, many }) => ({
  unit: one(units, {
    fields: [homeowners.tenantId, homeowners.unitId],
    references: [units.tenantId, units.id],
  }),
  onboardingCodes: many(onboardingCodes),
}));

export const onboardingCodeRelations = relations(onboardingCodes, ({ one }) => ({
  homeowner: one(homeowners, {
    fields: [onboardingCodes.tenantId, onboardingCodes.homeownerId],
    references: [homeowners.tenantId, homeowners.id],
  }),
}));
