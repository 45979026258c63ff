import type { ReadingDatabase } from "@openhouse/pool/drizzle";
import type { NodePgQueryResultHKT } from "drizzle-orm/node-postgres";
import type { PgDatabase } from "drizzle-orm/pg-core";
import type * as schema from "./schema/index.ts";

/** What a query needs: `forTenant(id)`, the unscoped `db`, or the handle inside `transaction(...)` of either. */
export type Database = PgDatabase<NodePgQueryResultHKT, typeof schema>;

/** What a query needs that only reads: any of those, or `forTenant(id).onReplica()`. */
export type Reader = ReadingDatabase<typeof schema> | Database;
