import { findDevelopment } from "@openhouse/db/queries/developments";
import { requireRoleWith } from "@openhouse/web/require-role";
import { cache } from "react";
import { ANY_STAFF } from "../../../../lib/staff.ts";

/** Title and page ask for the same development; one statement answers both. @returns who asks, and the development. */
export const loadDevelopment = cache((id: string) =>
  requireRoleWith(ANY_STAFF, (db) => [findDevelopment(db, id)]),
);
