import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { guardSignIn, type SignInOptions } from "../config/sign-in.ts";
import { StatementTimeoutError } from "../errors/errors.ts";
import { assertWatchable } from "../pg/driver-check.ts";
import { liftConnectTimeout } from "../pg/internals.ts";
import { Client } from "../query/client.ts";

export interface OpenOptions {
  /** Hard limit over connecting and hooks, in milliseconds. */
  readonly limitMs: number;
  /** Judges the server that has signed us in, where there are several. */
  readonly admit?: (() => Promise<void>) | undefined;
  /** A statement that makes the session's settings, if it has any. */
  readonly sessionSql: string;
  readonly onConnect?: ((client: pg.PoolClient) => unknown) | undefined;
  readonly check?: ((client: pg.PoolClient) => unknown) | undefined;
  readonly verify?: pg.PoolConfig["verify"];
  /** Whether it has to answer something first: there are others, which would serve callers while this one does not, or a pooler's server is away. */
  readonly mustAnswer: () => boolean;
}

/**
 * A client for a connection to be opened: of the caller's class, with what the pool needs of it.
 *
 * @throws {PoolConfigError} the class lacks what the pool has to watch.
 */
export function makeClient(ClientClass: unknown, options: object, config: SignInOptions): pg.PoolClient {
  // pg's types know a client class without its options.
  const client = new (ClientClass as new (options: object) => pg.PoolClient)(options);
  assertWatchable(client);
  if (!(client instanceof Client)) guardSignIn(client, config);
  client.on("error", () => {}); // a class of the caller's may lack the listener that ours has
  liftConnectTimeout(client);
  return client;
}

/**
 * Opens one connection and runs the hooks on it. At the limit, also when a hook hangs, its socket is cut.
 *
 * @throws what connecting or a hook has thrown; an `Error` with `code` ETIMEDOUT at the limit.
 */
export async function openConnection(
  client: pg.PoolClient,
  { limitMs, ...steps }: OpenOptions,
): Promise<void> {
  const onTimeout = () => timeout(`connecting took longer than ${limitMs} ms`);
  try {
    await withTimeout(prepare(client, steps), limitMs, onTimeout);
  } catch (error) {
    client.connection.stream.destroy();
    // The deadline of a statement that prepares the session is none of the caller's statement, which was not sent.
    if (error instanceof StatementTimeoutError)
      throw timeout("preparing a connection took too long", { cause: error });
    throw error;
  }
}

function timeout(message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { code: "ETIMEDOUT", syscall: "connect" });
}

/** With a callback, as pg-pool does, and by a promise where there is one: a class of the caller's may know one of them only. */
function connect(client: pg.PoolClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    const connecting: unknown = client.connect(done);
    if (connecting instanceof Promise) connecting.then(() => resolve(), reject);
  });
}

function wantsBackendPid(client: pg.PoolClient): client is pg.PoolClient & Client {
  return "wantsBackendPid" in client && client.wantsBackendPid === true;
}

async function askBackendPid(client: pg.PoolClient & Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>("select pg_catalog.pg_backend_pid() as pid");
  const pid = rows[0]?.pid;
  if (pid !== undefined) client.noteBackendPid(pid);
}

async function prepare(
  client: pg.PoolClient,
  { admit, sessionSql, onConnect, check, verify, mustAnswer }: Omit<OpenOptions, "limitMs">,
): Promise<void> {
  await connect(client);
  await admit?.();
  // A pooler in session mode signs in more clients than it has connections to the server, and lets their statements wait.
  const mustAsk = sessionSql !== "" || mustAnswer();
  if (wantsBackendPid(client) && (mustAsk || onConnect !== undefined)) {
    await askBackendPid(client);
    if (sessionSql !== "") await client.query(sessionSql);
  } else if (mustAsk) await client.query(sessionSql);
  await onConnect?.(client);
  await check?.(client);
  // The check of the role has asked for it in its own flight.
  if (wantsBackendPid(client)) await askBackendPid(client);
  if (verify === undefined) return;
  await new Promise<void>((resolve, reject) => {
    verify(client, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
