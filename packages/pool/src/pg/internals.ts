import pg from "pg";
import { isStatementError } from "../errors/server-answer.ts";
import { partOf } from "./driver-check.ts";

/**
 * Every undocumented field of pg and pg-pool that this package relies on, in one place.
 * Checked against pg 8.23.1 and pg-pool 3.14.0, the matrix's job against 8.21.0; `test/pg-internals.test.ts` fails when an upgrade moves one.
 *
 * Of pg-pool, `pool.ts` also overrides `_isFull`, `_idle` and `newClient`: see there.
 */

/** What a pg.Query holds; another submittable has no `text`. */
interface QueuedQuery {
  readonly text: string;
  readonly values?: unknown[];
}

interface ClientInternals {
  /** True between ReadyForQuery and the next statement. */
  readyForQuery?: boolean;
  /** False once the socket has failed. */
  readonly _queryable?: boolean;
  /** True once it has signed in. */
  readonly _connected?: boolean;
  /** True once `end()` was called. */
  readonly _ending?: boolean;
  readonly processID: number;
  readonly secretKey: number;
  readonly host: string;
  readonly port: number;
  readonly ssl: pg.ClientConfig["ssl"];
  readonly _queryQueue: QueuedQuery[];
  _activeQuery?: QueuedQuery | null;
  _connectionTimeoutMillis?: number;
  readonly connectionParameters: { query_timeout?: number | false };
  readonly sslNegotiation?: string;
  readonly connection: {
    readonly stream: {
      readonly destroyed: boolean;
      readonly remoteAddress?: string;
      ref?(): void;
      unref?(): void;
    };
  };
}

interface CancelConnection extends pg.Connection {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

function internals(client: pg.ClientBase): ClientInternals {
  return client as unknown as ClientInternals;
}

/** On a connection whose `submittedNamedStatements` are kept by us. */
const KEEPS_SUBMITTED = /* @__PURE__ */ Symbol("keeps submitted statements");

/** What a `pg.Query` writes to. */
export interface Connection {
  /** Named statements that the server has, by our word, and their texts. */
  readonly parsedStatements: Record<string, string>;
  /** Those that it was sent and has not answered. pg before 8.23 has no such list: `QueryBase` keeps it there. */
  submittedNamedStatements: Record<string, string>;
  [KEEPS_SUBMITTED]?: true;
  parse(statement: { name: string; text: string }): void;
  bind(statement: {
    statement: string;
    values: readonly unknown[] | undefined;
    valueMapper?: (value: unknown) => unknown;
  }): void;
  execute(portal: object): void;
  close(target: { type: "S"; name: string }): void;
  sync(): void;
  sendCopyFail(message: string): void;
  /** Every message goes through it. */
  _send(message: Buffer): void;
}

/** One column of a result, as the server describes it. */
interface Column {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
  readonly dataTypeSize: number;
  readonly dataTypeModifier: number;
  readonly format?: string;
}

/** pg's class of a column, which no module of it exports. */
type ColumnClass = new (
  name: string,
  tableID: number,
  columnID: number,
  dataTypeID: number,
  dataTypeSize: number,
  dataTypeModifier: number,
  format: string | undefined,
) => Column;

/** What pg makes of a RowDescription. */
export interface Columns {
  readonly fields: readonly Column[];
  /** A row with nothing in it, of which pg makes the others. */
  readonly emptyRow: object | null;
}

interface Result {
  fields: readonly Column[];
  _types?: { getTypeParser(typeId: number, format: string): unknown };
  _parsers?: unknown[];
  _prebuiltEmptyResultObject: object | null;
}

/** What a configuration may say, of which pg makes fields of its query. */
interface QueryFields {
  readonly text?: unknown;
  readonly values?: unknown;
  readonly name?: string;
  readonly types?: unknown;
  readonly rows?: number;
  readonly portal?: string;
  readonly binary?: boolean;
  readonly queryMode?: string;
  readonly rowMode?: string;
}

/** The same as pg's query has them. */
type WritableQuery = { -readonly [Field in keyof QueryFields]: QueryFields[Field] | undefined } & {
  _rowMode: string | undefined;
  _result: object;
  _results: object;
};

/** A `pg.Query` with the methods that pg's Client calls as the server's messages arrive. */
interface WireQuery extends pg.Submittable {
  /** pg's Client files what the server has parsed under these two. */
  name: string | undefined;
  text: string | undefined;
  readonly values?: unknown[] | undefined;
  /** Rows to be fetched at a time. */
  readonly rows?: number | undefined;
  readonly binary?: boolean | undefined;
  /** @returns why it was not sent, if so. */
  submit(connection: pg.Connection): Error | null;
  requiresPreparation(): boolean;
  /** Whether its name needs no Parse. */
  hasBeenParsed(connection: Connection): unknown;
  /** Writes Parse where the name is not known, Bind, Describe, Execute and Sync. */
  prepare(connection: Connection): void;
  handleRowDescription(message: object): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: { text: string }, connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handleCopyInResponse(connection: Connection): void;
  listenerCount(event: string | symbol): number;
  rawListeners(event: string | symbol): unknown[];
  emit(event: string, ...values: unknown[]): boolean;
}

interface WireQueryInternals extends WireQuery {
  _result: Result;
  _accumulateRows: boolean;
}

type QueryCallback = (error: Error | undefined, result: pg.QueryResult) => void;

/** `pg.Client`, of a pg that is supported. */
export const PgClient = /* @__PURE__ */ partOf(pg, "Client") as typeof pg.Client;

/** `pg.Query`, typed so that it can be extended. */
const PgQuery = /* @__PURE__ */ partOf(pg, "Query") as new (
  config: unknown,
  values: unknown,
  callback: QueryCallback,
) => WireQuery;

const PgResult = /* @__PURE__ */ partOf(pg, "Result") as new (rowMode: unknown, types: unknown) => object;

/** What pg makes of a parameter's value. */
export const prepareValue = /* @__PURE__ */ Reflect.get(
  /* @__PURE__ */ partOf(pg, "utils") as object,
  "prepareValue",
) as (value: unknown) => unknown;

/**
 * `pg.Query`, which is not given its configuration as a whole: pg would copy it descriptor by descriptor, and that takes longer
 * than everything else that it does to make a query.
 */
export class QueryBase extends PgQuery {
  constructor(config: unknown, values: unknown, callback: QueryCallback) {
    const isObject = typeof config === "object" && config !== null;
    const fields: QueryFields = isObject ? config : {};
    const text = isObject ? fields.text : config;
    super(typeof text === "string" ? text : { text }, values || fields.values, callback);
    if (!isObject) return;
    const query = this as unknown as WritableQuery;
    const { types, rowMode } = fields;
    // One at a time: by Object.assign they take twice as long as the rest of the query.
    query.name = fields.name;
    query.types = types;
    query.rows = fields.rows;
    query.portal = fields.portal ?? "";
    query.binary = fields.binary;
    query.queryMode = fields.queryMode;
    query._rowMode = rowMode;
    query.rowMode = rowMode; // instrumentation may hand pg a copy of all fields: pg reads the row mode under this name
    if (types === undefined && rowMode === undefined) return;
    query._results = query._result = new PgResult(rowMode, types);
  }

  override submit(connection: pg.Connection): Error | null {
    keepSubmitted(connection as unknown as Connection);
    return super.submit(connection);
  }

  override hasBeenParsed(connection: Connection): unknown {
    if (super.hasBeenParsed(connection)) return true;
    return Boolean(this.name) && connection.submittedNamedStatements[this.name ?? ""] !== undefined;
  }

  override prepare(connection: Connection): void {
    super.prepare(connection);
    if (connection[KEEPS_SUBMITTED] && this.name)
      connection.submittedNamedStatements[this.name] = this.text ?? "";
  }

  override handleReadyForQuery(connection: Connection): void {
    if (connection[KEEPS_SUBMITTED]) connection.submittedNamedStatements = {}; // the server has answered them all
    super.handleReadyForQuery(connection);
  }
}

/** Gives a connection of pg before 8.23 the list that later ones have. */
function keepSubmitted(connection: Connection): void {
  // Before 8.23 it is undefined, whatever the type says of it.
  if ((connection.submittedNamedStatements as object | undefined) !== undefined) return;
  connection.submittedNamedStatements = {};
  connection[KEEPS_SUBMITTED] = true;
}

/** The columns that a query has been told. */
export function columnsOf(query: WireQuery): Columns {
  const { fields, _prebuiltEmptyResultObject: emptyRow } = (query as WireQueryInternals)._result;
  return { fields, emptyRow };
}

/** Columns that nobody else has: a result's fields are its caller's to change. */
export function copyOf({ fields, emptyRow }: Columns): Columns {
  return { fields: fields.map(copyOfColumn), emptyRow };
}

function copyOfColumn(column: Column): Column {
  const Field = column.constructor as ColumnClass;
  return new Field(
    column.name,
    column.tableID,
    column.columnID,
    column.dataTypeID,
    column.dataTypeSize,
    column.dataTypeModifier,
    column.format,
  );
}

/** Tells a query its columns without the server. */
export function setColumns(query: WireQuery, { fields, emptyRow }: Columns): void {
  const internal = query as WireQueryInternals;
  const { _result: result } = internal;
  const types = result._types ?? pg.types;
  result.fields = fields.map(copyOfColumn);
  result._parsers = fields.map(({ dataTypeID, format = "text" }) =>
    types.getTypeParser(dataTypeID, format as never),
  );
  result._prebuiltEmptyResultObject = emptyRow;
  internal._accumulateRows = true;
}

/** The same connection for queries that share one Sync: what they write goes out, and the Sync is their caller's to write. */
export function withoutSync(connection: Connection): Connection {
  const nothing = { value: () => {} };
  return Object.create(connection, { sync: nothing, flush: nothing });
}

/** Has a query read its rows as pg's Client has told another one to: by the client's own types, and in its format. */
export function readAs(query: WireQuery, told: WireQuery): void {
  const { _types } = (told as WireQueryInternals)._result;
  const { _result: result } = query as WireQueryInternals;
  if (_types !== undefined) result._types ??= _types;
  if (told.binary) Object.assign(query, { binary: true });
}

/** Sets what a query's callback is told at its end. */
export function setResults(query: WireQuery, results: readonly unknown[]): void {
  Object.assign(query, { _results: results });
}

/** Whether the connection is alive and no statement is under way on it. */
export function isReady(client: pg.ClientBase): boolean {
  return internals(client).readyForQuery === true && isAlive(client);
}

/** Whether the socket has neither failed nor been asked to end. One that we have cut tells pg a moment later. */
export function isAlive(client: pg.ClientBase): boolean {
  const { _queryable, _ending, connection } = internals(client);
  return _queryable === true && _ending !== true && !connection.stream.destroyed;
}

/** Whether it has signed in, and its socket is open. */
export function isConnected(client: pg.ClientBase): boolean {
  return internals(client)._connected === true && isAlive(client);
}

/** How long ReadyForQuery may take to follow an error, in milliseconds. */
const READY_TIMEOUT_MS = 1_000;

/**
 * Waits until the server has answered all that was sent, a second at most.
 * pg reports an error before the ReadyForQuery that follows it, so the transaction status is stale until then.
 *
 * @returns false when the connection failed or the second passed first.
 */
export function whenReady(client: pg.ClientBase): Promise<boolean> {
  if (isReady(client)) return Promise.resolve(true);
  if (!isAlive(client)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer);
      client.removeListener("drain", onDrain);
      client.removeListener("end", onEnd);
      resolve(ready);
    };
    const onDrain = () => settle(isReady(client));
    const onEnd = () => settle(false);
    const timer = setTimeout(settle, READY_TIMEOUT_MS, false);
    client.once("drain", onDrain);
    client.once("end", onEnd);
  });
}

/** Leaves it to us how long connecting may take: pg would give up when the caller who made it necessary does. */
export function liftConnectTimeout(client: pg.ClientBase): void {
  internals(client)._connectionTimeoutMillis = 0;
}

/** Leaves a statement's deadline to us: pg would tell it as failed, and let it go on. */
export function liftQueryTimeout(client: pg.ClientBase): void {
  internals(client).connectionParameters.query_timeout = false;
}

/** Lets the process end although the connection is open. A stream of the caller's own may know nothing of that. */
export function unref(client: pg.ClientBase): void {
  internals(client).connection.stream.unref?.();
}

export function ref(client: pg.ClientBase): void {
  internals(client).connection.stream.ref?.();
}

/** The statements that were given to the client and not answered yet, in order. */
export function unansweredStatements(client: pg.ClientBase): readonly QueuedQuery[] {
  const { _activeQuery, _queryQueue } = internals(client);
  return _activeQuery ? [_activeQuery, ..._queryQueue] : [..._queryQueue];
}

/** The last statement that was given to the client and is not answered yet. */
export function lastUnanswered(client: pg.ClientBase): object | undefined {
  const { _activeQuery, _queryQueue } = internals(client);
  return _queryQueue.at(-1) ?? _activeQuery ?? undefined;
}

/** Whether a statement was given to the client that is not answered yet. */
export function isAnswering(client: pg.ClientBase): boolean {
  const { _activeQuery, _queryQueue } = internals(client);
  return Boolean(_activeQuery) || _queryQueue.length > 0;
}

/** Has a client hand the answers that come next to a query that it takes for answered: several Syncs went out with it. */
export function keepActive(client: pg.ClientBase, query: object): void {
  const internal = internals(client);
  internal._activeQuery = query as QueuedQuery;
  internal.readyForQuery = false;
}

/** Takes a statement out of the client's queue. @returns false when it was sent, or is not there. */
export function dequeueStatement(client: pg.ClientBase, statement: object | undefined): boolean {
  const queue: (object | undefined)[] = internals(client)._queryQueue;
  const index = queue.indexOf(statement);
  if (index >= 0) queue.splice(index, 1);
  return index >= 0;
}

/** Puts a statement that is queued in front of the others. */
export function moveToFront(client: pg.ClientBase, statement: object | undefined): void {
  const queue: (object | undefined)[] = internals(client)._queryQueue;
  const index = queue.indexOf(statement);
  if (index > 0) queue.unshift(...queue.splice(index, 1));
}

/** Calls `listener` each time that the server has bound a statement: until then it has executed nothing of it. */
export function onBound(client: pg.ClientBase, listener: () => void): void {
  (client as pg.Client).connection.on("bindComplete", listener);
}

/** Calls `listener` with what the server says as it ends the session, whether or not a statement waits for an answer. */
export function onLastWord(client: pg.ClientBase, listener: (error: pg.DatabaseError) => void): void {
  (client as pg.Client).connection.on("errorMessage", (error: pg.DatabaseError) => {
    if (!isStatementError(error)) listener(error);
  });
}

/** SQLSTATE of a server that takes no writes: a standby, or one that was a primary. */
const READ_ONLY = "25006";

/** Calls `listener` when the server refuses a write because it takes none. */
export function onReadOnly(client: pg.ClientBase, listener: (refusal: pg.DatabaseError) => void): void {
  (client as pg.Client).connection.on("errorMessage", (error: pg.DatabaseError) => {
    if (error.code === READ_ONLY) listener(error);
  });
}

/** A setting that the server reports by itself, at sign-in and whenever it changes. */
interface ReportedSetting {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/** Calls `listener` with each setting that the server reports. */
export function onReported(client: pg.ClientBase, listener: (name: string, value: string) => void): void {
  (client as pg.Client).connection.on(
    "parameterStatus",
    ({ parameterName, parameterValue }: ReportedSetting) => listener(parameterName, parameterValue),
  );
}

/** Calls `listener` whenever the server has done what a statement asked for. A failure, or a ping, is nothing of the kind. */
export function onDone(client: pg.ClientBase, listener: () => void): void {
  (client as pg.Client).connection.on("commandComplete", listener);
}

/** The function of Postgres that waits for a synchronous standby, whatever the language of its warning (src/backend/replication/syncrep.c). */
const WAITS_FOR_STANDBY = "SyncRepWaitForLSN";

/** Calls `listener` with the statement whose commit was interrupted while it waited for a standby. */
export function onUnconfirmedCommit(client: pg.ClientBase, listener: (statement: object) => void): void {
  (client as pg.Client).connection.on("notice", ({ routine }: { routine?: string }) => {
    const { _activeQuery } = internals(client);
    if (routine === WAITS_FOR_STANDBY && _activeQuery) listener(_activeQuery);
  });
}

/** What a client's statements are written to. */
export function connectionOf(client: pg.ClientBase): Connection {
  return internals(client).connection as unknown as Connection;
}

/** What it takes to name a backend to the postmaster. The secret belongs in no log. */
export function backendKey(client: pg.ClientBase): { processId: number; secretKey: number } {
  const { processID, secretKey } = internals(client);
  return { processId: processID, secretKey };
}

type StreamOption = pg.ClientConfig["stream"];

interface Way {
  readonly stream: StreamOption;
  /** What the host's name was resolved to, by the socket that the client uses. */
  readonly addresses: Set<unknown>;
}

const ways = new WeakMap<pg.ClientBase, Way>();

/** Remembers the way to a client's server: what makes its sockets, which pg asks once and forgets, and the name's addresses. */
export function rememberWay(client: pg.Client, stream: StreamOption): void {
  const addresses = new Set<unknown>();
  client.connection.stream.on(
    "lookup",
    (_error: unknown, address: unknown, _family: unknown, host: unknown) => {
      if (host === internals(client).host) addresses.add(address);
    },
  );
  ways.set(client, { stream: typeof stream === "function" ? stream : undefined, addresses });
}

/**
 * Opens a connection that does nothing but deliver a cancel request, by the way that the client's own was opened, and to
 * the address that it is connected to: by now the name may stand for another server. Where a stream of the caller's has
 * not resolved the name, its address may be a proxy's, and it is given the name again.
 */
export function openCancelConnection(client: pg.ClientBase): pg.Connection {
  const { host, port, ssl, sslNegotiation } = internals(client);
  const { stream, addresses } = ways.get(client) ?? {};
  const { remoteAddress } = internals(client).connection.stream;
  const isDirect = sslNegotiation === "direct";
  const { processId, secretKey } = backendKey(client);
  const connection = new pg.Connection({
    ssl: named(ssl, host),
    sslNegotiation,
    stream,
  } as pg.ConnectionConfig) as CancelConnection;
  connection.on("connect", () => {
    if (!ssl) connection.cancel(processId, secretKey);
    else if (!isDirect) connection.requestSsl();
  });
  connection.on("sslconnect", () => connection.cancel(processId, secretKey));
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else
    connection.connect(
      port,
      remoteAddress !== undefined && addresses?.has(remoteAddress) ? remoteAddress : host,
    );
  return connection;
}

/** TLS settings that look for the host's name in the certificate, whatever address is connected to. */
function named(ssl: pg.ClientConfig["ssl"], host: string): pg.ClientConfig["ssl"] {
  if (!ssl) return ssl;
  const settings = typeof ssl === "object" ? ssl : {};
  // pg hides the key from what copies fields.
  const key = "key" in settings ? { key: settings.key } : {};
  return {
    ...settings,
    ...key,
    ...(process.getBuiltinModule("node:net").isIP(host) === 0 && { servername: host }),
  };
}
