import { PoolConfigError } from "../errors/errors.ts";

/** The parts of pg by which it is told whether this package can work with it. A bundle has no version to read. */
interface Driver {
  readonly Client: { readonly prototype: object };
  readonly Query?: { readonly prototype: object };
}

/** @throws {PoolConfigError} a client of a class that the caller has given lacks what the pool watches connections by. */
export function assertWatchable(client: object): void {
  const connection: unknown = Reflect.get(client, "connection");
  const socket = typeof connection === "object" && connection !== null && "stream" in connection;
  if (socket && "getTransactionStatus" in client && "ref" in client) return;
  throw new PoolConfigError([
    "Client: what the class makes is no pg.Client (pg.native's is none either), and its connection cannot be watched; " +
      "give a class that extends pg.Client",
  ]);
}

/** @throws {PoolConfigError} pg is too old, or its client is libpq's: later it would be a connection lost at each use. */
export function assertSupported({ Client, Query }: Driver): void {
  // Only the JavaScript client's query writes its messages itself.
  if (Query === undefined || !("prepare" in Query.prototype)) {
    throw new PoolConfigError([
      "NODE_PG_FORCE_NATIVE has pg use pg-native, on which this pool cannot watch a statement: unset it",
    ]);
  }
  if (!("getTransactionStatus" in Client.prototype)) {
    throw new PoolConfigError([
      "pg is older than 8.21, the first that tells a connection's transaction status: install pg >=8.21 <9 " +
        "(`npm ls pg` shows which there is, and who asks for it)",
    ]);
  }
}

/**
 * What pg exports under a name. Looked at first, and so at import: whoever needs a part of pg needs a pg that is supported.
 *
 * @throws {PoolConfigError} as {@link assertSupported}.
 */
export function partOf(driver: Driver, name: "Client" | "Pool" | "Query" | "Result" | "utils"): unknown {
  assertSupported(driver);
  return Reflect.get(driver, name);
}
