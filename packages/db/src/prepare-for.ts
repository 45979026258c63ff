import { makePrepareFor } from "@openhouse/pool/drizzle";
import * as schema from "./schema/index.ts";

/**
 * Builds a query once for the process, whichever tenant it is run for, inside a transaction and in a batch too:
 *
 * ```ts
 * const byId = prepareFor((db) => db.select().from(units).where(eq(units.id, sql.placeholder("id"))));
 * const [unit] = await byId(forTenant(tenantId), { id });
 * ```
 *
 * @throws {PreparedQueryError} at the first use, where no query can be prepared; at each, where a value is missing.
 */
export const prepareFor = makePrepareFor(schema);
