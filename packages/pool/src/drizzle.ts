import { drizzle, type NodePgClient, NodePgDatabase, NodePgSession } from "drizzle-orm/node-postgres";
import { PgDialect, type PgTransactionConfig } from "drizzle-orm/pg-core";
import { type ConnectionSource, DrizzleClientPool, unwrapPoolError } from "./drizzle-client.ts";
import type { Scope } from "./transaction.ts";

type Schema = Record<string, unknown>;

/** Drizzle over our connections. */
export interface DrizzleOverPool<TSchema extends Schema> {
  /** Statements run as they are. */
  readonly db: NodePgDatabase<TSchema>;
  /** The same type; every statement, relational query and transaction runs with the scope's settings. Cheap to make. */
  scoped(scope: Scope): NodePgDatabase<TSchema>;
}

/**
 * Puts Drizzle over a pool.
 *
 * @param source asked for the pool at every statement, so that nothing connects, nor reads a setting, before the first.
 */
export function drizzleOverPool<TSchema extends Schema>(
  source: () => ConnectionSource,
  schema: TSchema,
): DrizzleOverPool<TSchema> {
  const dialect = new PgDialect();
  // Working out the relations takes longer than all the rest: once for every scope.
  const { schema: tables, fullSchema, tableNamesMap } = drizzle.mock({ schema })._;
  const relational = tables === undefined ? undefined : { schema: tables, fullSchema, tableNamesMap };
  const make = (scope?: Scope) => {
    const client = new DrizzleClientPool(source, scope);
    const session = new NodePgSession(asNodePgClient(client), dialect, relational);
    return new PooledDatabase<TSchema>(dialect, session, relational);
  };
  return { db: make(), scoped: make };
}

class PooledDatabase<TSchema extends Schema> extends NodePgDatabase<TSchema> {
  override async transaction<T>(
    work: Parameters<NodePgDatabase<TSchema>["transaction"]>[0] extends (tx: infer Tx) => unknown
      ? (tx: Tx) => Promise<T>
      : never,
    config?: PgTransactionConfig,
  ): Promise<T> {
    try {
      return await super.transaction(work, config);
    } catch (error) {
      throw unwrapPoolError(error);
    }
  }
}

/** Drizzle's type asks for pg's classes; what it calls is `query`, and `connect` of a pool. */
function asNodePgClient(client: DrizzleClientPool): NodePgClient {
  return client as unknown as NodePgClient;
}
