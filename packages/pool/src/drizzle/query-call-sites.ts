import { CallSite } from "../telemetry/call-site.ts";

/** Something that statements can be sent through, and told where they come from. */
export interface Locatable<T> {
  /** The same, for statements from one place. */
  at(callSite: CallSite): T;
}

/** What a Drizzle database or transaction builds its queries with; each version types it in its own way. */
interface Session {
  readonly client: Locatable<unknown>;
}

/**
 * Has every query know where it was built. A Drizzle query is lazy: it runs when it is awaited, from a microtask that has
 * no stack, so its place has to be taken when the code asks the database, or transaction, for a builder.
 *
 * @param isWanted asked at every query; where it says no, nothing is taken.
 */
export function locateQueries(database: object, isWanted: () => boolean): void {
  locateSession(database, isWanted);
  const relational: unknown = Reflect.get(database, "query");
  if (typeof relational !== "object" || relational === null) return;
  // At first use: there is a builder for every table, and a handle for every request.
  const get = () => {
    for (const builder of Object.values(relational)) locateSession(builder, isWanted);
    Object.defineProperty(database, "query", { value: relational });
    return relational;
  };
  Object.defineProperty(database, "query", { get, configurable: true });
}

/** Drizzle reads the property `session` once for each query that it builds. */
function locateSession(builder: object, isWanted: () => boolean): void {
  const session = Reflect.get(builder, "session") as Session | undefined;
  if (session === undefined) return;
  const get = () =>
    isWanted() ? Object.create(session, { client: { value: session.client.at(new CallSite()) } }) : session;
  Object.defineProperty(builder, "session", { get, configurable: true });
}
