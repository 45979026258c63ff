import type { NodePgQueryResultHKT } from "drizzle-orm/node-postgres";
import type { PgDatabase } from "drizzle-orm/pg-core";
import type * as schema from "./schema/index.ts";

/** What a query needs: `forTenant(id)`, the unscoped `db`, or the handle inside `transaction(...)` of either. */
export type Database = PgDatabase<NodePgQueryResultHKT, typeof schema>;
