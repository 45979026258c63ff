import { healthCheck } from "@openhouse/db/client";
import { createHealthHandlers } from "@openhouse/pool/http";

/**
 * The health routes, each one line in a portal: `export { db as GET } from "@openhouse/web/health";`. Next
 * answers HEAD with GET's handler. They stand outside of `handleRoute`: they answer for themselves whatever
 * state the database is in.
 */
export const { live, ready, db } = createHealthHandlers({ check: () => healthCheck() });
