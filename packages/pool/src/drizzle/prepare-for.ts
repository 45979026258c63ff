import { getTableColumns, is, type Logger, Param, Placeholder, QueryPromise, Table } from "drizzle-orm";
import { NodePgDatabase, type NodePgQueryResultHKT, NodePgSession } from "drizzle-orm/node-postgres";
import type { PgDatabase } from "drizzle-orm/pg-core";
import type { RunnableQuery } from "drizzle-orm/runnable-query";
import type pg from "pg";
import { PreparedQueryError } from "../errors/errors.ts";
import type { ScopedPool } from "../transaction/scoped-pool.ts";
import type { QueryInput } from "../transaction/transaction-client.ts";
import { asNodePgClient } from "./database.ts";
import { mapQuery, type Query } from "./mapped-query.ts";
import type { ReadingDatabase } from "./replica-database.ts";
import { partsOf, type Schema } from "./schema-parts.ts";

/** What a prepared query runs on: a database under any scope, the handle of a transaction, or, for a read, the replicas. */
export type PreparedTarget<TSchema extends Schema> =
  | PgDatabase<NodePgQueryResultHKT, TSchema>
  | ReadingDatabase<TSchema>;

/** A value for each placeholder, by its name. */
export type PlaceholderValues = Readonly<Record<string, unknown>>;

/**
 * A query that was built once. Calling it makes a query as Drizzle's builders do: it runs when it is awaited, or as a
 * member of a batch.
 */
export type PreparedFor<TSchema extends Schema, T> = (
  on: PreparedTarget<TSchema>,
  values?: PlaceholderValues,
) => PreparedRun<T>;

/**
 * Builds a query once for a process, whoever it is run for. Built at its first use.
 *
 * @param build makes the query, with `sql.placeholder("name")` where a value comes later. What else it puts in stays.
 * @throws {PreparedQueryError} (at the first use) `build` makes no query, or one with a value that Drizzle makes itself.
 */
export type PrepareFor<TSchema extends Schema> = <T>(
  build: (db: NodePgDatabase<TSchema>) => RunnableQuery<T, "pg">,
) => PreparedFor<TSchema, T>;

/** What Drizzle's prepared queries have in each version. */
interface Prepared {
  execute(values: PlaceholderValues): Promise<unknown>;
  getQuery(): { readonly sql: string; readonly params: readonly unknown[] };
}

/** What Drizzle's sessions have in each version. */
interface Session {
  readonly client: Pick<ScopedPool, "query">;
  readonly logger: Logger;
}

/**
 * Makes `prepareFor` for a schema: most of what a Drizzle statement costs its process is building it, and a query that is
 * prepared the usual way belongs to one database handle, where each tenant has another.
 *
 * @param schema tables and relations; for Drizzle 1.0 what `defineRelations` has made, or tables alone.
 */
export function makePrepareFor<TSchema extends Schema>(schema: TSchema): PrepareFor<TSchema> {
  let parts: ReturnType<typeof partsOf<TSchema>> | undefined;
  return (build) => {
    let query: BuiltQuery | undefined;
    return (on, values = {}) => {
      parts ??= partsOf(schema);
      query ??= buildOnce(parts, build);
      return new PreparedRun(query, on, values);
    };
  };
}

/** A run of a prepared query; `session` is the one of the database it runs on, as every query of Drizzle's has it. */
export class PreparedRun<T> extends QueryPromise<T> implements Query<T> {
  declare readonly _: { readonly dialect: "pg"; readonly result: T };
  readonly session: Session;
  readonly #query: BuiltQuery;
  readonly #values: PlaceholderValues;

  constructor(query: BuiltQuery, on: object, values: PlaceholderValues) {
    super();
    query.checkValues(values);
    const session: unknown = Reflect.get(on, "session"); // once, as it may note where this is called from
    if (typeof session !== "object" || session === null)
      throw new PreparedQueryError("a prepared query runs on a database, or on a transaction's handle");
    this.session = session as Session;
    this.#query = query;
    this.#values = values;
  }

  execute(): Promise<T> {
    return this.#query.run(this.session, this.#values) as Promise<T>;
  }

  /** The same query, whose result `read` makes into something else. */
  map<U>(read: (result: T) => U): Query<U> {
    return mapQuery(this, read);
  }

  /** What Drizzle's batches, and ours, ask a query for. */
  _prepare(): { execute(): Promise<T> } {
    return this;
  }
}

/** Lends its prepared query the session that each run is for. */
class BuiltQuery {
  readonly #relay: SessionRelay;
  readonly #prepared: Prepared;
  readonly #names: readonly string[];

  constructor(relay: SessionRelay, prepared: Prepared) {
    this.#relay = relay;
    this.#prepared = prepared;
    const names = prepared.getQuery().params.flatMap((param) => placeholderIn(param)?.name ?? []);
    this.#names = [...new Set(names)];
  }

  /** Drizzle asks its client in the same turn, so that no other run can come between. */
  run(session: Session, values: PlaceholderValues): Promise<unknown> {
    return this.#relay.lend(session, () => this.#prepared.execute(values));
  }

  checkValues(values: PlaceholderValues): void {
    const missing = this.#names.filter((name) => !Object.hasOwn(values, name) || values[name] === undefined);
    const unknown = Object.keys(values).filter((name) => !this.#names.includes(name));
    if (missing.length > 0)
      throw new PreparedQueryError(`no value for ${list(missing)}; nothing was sent. Give null for a null`);
    if (unknown.length > 0)
      throw new PreparedQueryError(
        `the query has no placeholder ${list(unknown)}, but ${list(this.#names) || "none"}; nothing was sent`,
      );
  }
}

/** Stands for a session's client and logger while a query is built, and for each run's own while Drizzle asks. */
class SessionRelay implements Session {
  #session: Session | undefined;

  lend<T>(session: Session, ask: () => T): T {
    this.#session = session;
    try {
      return ask();
    } finally {
      this.#session = undefined;
    }
  }

  readonly client = {
    query: async (statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult> => {
      if (this.#session === undefined)
        throw new PreparedQueryError("prepareFor's function returns a query, and does not run one");
      return await this.#session.client.query(statement, values);
    },
  };

  readonly logger: Logger = {
    logQuery: (text, values) => this.#session?.logger.logQuery(text, values),
  };
}

function buildOnce<TSchema extends Schema>(
  { dialect, relational }: ReturnType<typeof partsOf<TSchema>>,
  build: (db: NodePgDatabase<TSchema>) => unknown,
): BuiltQuery {
  const relay = new SessionRelay();
  const { logger } = relay;
  const session = new NodePgSession(asNodePgClient(relay.client), dialect, relational, { logger });
  let prepared: unknown;
  const prepareQuery = session.prepareQuery.bind(session) as (...parts: unknown[]) => unknown;
  Object.defineProperty(session, "prepareQuery", {
    value: (...parts: unknown[]) => {
      prepared = prepareQuery(...parts);
      return prepared;
    },
  });
  const query: unknown = build(new NodePgDatabase(dialect, session, relational));
  if (typeof query !== "object" || query === null || !("_prepare" in query))
    throw new PreparedQueryError("prepareFor's function returns one of Drizzle's queries, not awaited");
  Reflect.apply(query._prepare as () => unknown, query, []); // 0.45 has prepared a raw one before
  const made = prepared as Prepared;
  refuseMadeValues(query, made.getQuery().sql);
  return new BuiltQuery(relay, made);
}

function placeholderIn(param: unknown): Placeholder | undefined {
  if (is(param, Placeholder)) return param;
  return is(param, Param) && is(param.value, Placeholder) ? param.value : undefined;
}

/** What an insert's or update's builder holds. */
interface WriteConfig {
  readonly table?: unknown;
  readonly values?: unknown;
  readonly set?: object;
  readonly onConflict?: unknown;
}

/** A value of `$defaultFn` or `$onUpdate` is made when the query is built, so every run would write the same. */
function refuseMadeValues(query: object, text: string): void {
  if (/^\s*with\b/i.test(text) && /\b(insert\s+into|update|merge\s+into)\b/i.test(text))
    throw new PreparedQueryError("a query that writes within WITH cannot be prepared for any tenant");
  const { table, values, set, onConflict }: WriteConfig = Reflect.get(query, "config") ?? {};
  if (!is(table, Table)) return;
  const rows: unknown[] = set !== undefined ? [set] : Array.isArray(values) ? values : [];
  const made = Object.entries(getTableColumns(table)).filter(([key, { defaultFn, onUpdateFn }]) => {
    const isGiven = rows.every((row) => Reflect.get(row as object, key) !== undefined);
    if (onUpdateFn !== undefined && (onConflict !== undefined || !isGiven)) return true;
    return set === undefined && defaultFn !== undefined && !isGiven;
  });
  if (made.length > 0)
    throw new PreparedQueryError(
      `each run would write the same ${list(made.map(([key]) => key))}: give a placeholder, or let the database make the default`,
    );
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
