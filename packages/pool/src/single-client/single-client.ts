import pg from "pg";
import { callBack } from "../async/foreign-code.ts";
import { isError } from "../async/is-error.ts";
import { abortReason, onAbort } from "../async/on-abort.ts";
import { timerMs } from "../async/timer.ts";
import { isIP } from "../config/ip-address.ts";
import type { ResolvedPoolOptions } from "../config/options.ts";
import { guardSignIn } from "../config/sign-in.ts";
import { withOwnNegotiation } from "../config/tls.ts";
import { CommitUnknownError, StatementTimeoutError } from "../errors/errors.ts";
import { SessionEffects } from "../sql/session-effect.ts";
import { sessionSettingsSql } from "../sql/session-settings.ts";
import { CallSite, callSiteOf } from "../telemetry/call-site.ts";
import { type Holder, SlowStatementLog } from "../telemetry/slow-query-log.ts";

/** What DISCARD ALL does, in a form that may share a packet with other statements. */
const RESET_SESSION =
  "reset session authorization; reset all; deallocate all; close all; unlisten *; select pg_catalog.pg_advisory_unlock_all(); discard temp; discard sequences";
/** How long that may take, in milliseconds. */
const RESET_TIMEOUT_MS = 1_000;
/** How long the postmaster may take to receive a cancel request, in milliseconds. */
const CANCEL_TIMEOUT_MS = 1_000;

/** The function of Postgres that waits for a synchronous standby, whatever the language of its warning (src/backend/replication/syncrep.c). */
const WAITS_FOR_STANDBY = "SyncRepWaitForLSN";

/** What a statement's configuration may say beside pg's own. */
interface StatementLimits {
  readonly query_timeout?: number;
  readonly signal?: AbortSignal;
  readonly callback?: unknown;
  readonly text?: unknown;
}

/** What follows all that the running code does, as that may be run again where nothing of it was kept. */
export interface Attempt {
  begin(): void;
  end(mayHaveKept: boolean): void;
  /** @returns what to call at the statement's end. */
  follow(
    client: pg.Client,
    statement: { readonly text: string; readonly isHarmless: boolean },
  ): (error: Error | undefined, result?: pg.QueryResult) => void;
  noteUnknown(client: pg.Client): void;
}

/** By name, so that a bundler may leave out what nobody uses: reading a property might do something. */
const PgClient = /* @__PURE__ */ Reflect.get(pg, "Client") as typeof pg.Client;

type Callback = (error: Error | null, result?: pg.QueryResult) => void;

/**
 * A bare `pg.Client` whose statements end: at the deadline, or where the caller gives up, the server is asked to stop and
 * the connection is cut. Its loss never takes the process down.
 */
export class SingleClient extends PgClient {
  readonly #attempt: () => Attempt | undefined;
  readonly #queryTimeoutMs: number;
  readonly #slowStatements: SlowStatementLog | undefined;
  readonly #effects: SessionEffects;
  readonly #sessionSql: string;
  #isLost = false;
  #running = 0;
  /** Warnings of commits that no standby has confirmed. */
  #keptLocally = 0;
  /** Whether something was sent that may have changed the session since it was as new. */
  sessionChanged = false;
  /** Who has it. */
  holder: Holder | undefined;

  constructor(
    { queryTimeoutMs, slowQueryMs, logger, session, safeFunctions, ...options }: ResolvedPoolOptions,
    attempt: () => Attempt | undefined = () => undefined,
  ) {
    super(withOwnNegotiation({ ...options, connectionTimeoutMillis: 0 }));
    this.#attempt = attempt;
    guardSignIn(this, options);
    this.#effects = new SessionEffects(new Set(safeFunctions));
    this.#sessionSql = sessionSettingsSql(session);
    this.#queryTimeoutMs = queryTimeoutMs;
    if (slowQueryMs > 0 && logger !== undefined)
      this.#slowStatements = new SlowStatementLog(logger, slowQueryMs);
    const noteLoss = () => {
      this.#isLost = true;
    };
    this.on("error", noteLoss);
    this.on("end", noteLoss);
    this.connection.on("notice", ({ routine }: { routine?: string }) => {
      if (routine === WAITS_FOR_STANDBY) this.#keptLocally++;
    });
    // Assigned, because pg's types spell out nine overloads of the method, and they stay as they are.
    this.query = this.#query as pg.Client["query"];
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether the server has nothing to do for it, and is outside of a transaction. */
  get isIdle(): boolean {
    return this.#running === 0 && this.getTransactionStatus() === "I";
  }

  /** Whether the process is to live on for the connection alone. */
  keepProcess(keeps: boolean): void {
    const stream = this.connection.stream as { ref?(): void; unref?(): void };
    if (keeps) stream.ref?.();
    else stream.unref?.();
  }

  /** Gives the connection up at once. @param reason what the statements under way fail with. */
  cut(reason?: Error): void {
    if (this.#isLost) return;
    this.#isLost = true;
    requestCancel(this);
    this.connection.stream.destroy(reason);
  }

  /** Makes the session's settings. */
  async setUp(): Promise<void> {
    if (this.#sessionSql !== "") await this.query(this.#sessionSql);
  }

  async reset(): Promise<void> {
    const text = `${RESET_SESSION}; ${this.#sessionSql}`;
    await this.#run({ text, query_timeout: RESET_TIMEOUT_MS }, undefined);
    Reflect.set(this.connection, "parsedStatements", {}); // what pg believes the server to know by name
  }

  #query(config: unknown, values?: unknown, callback?: unknown): unknown {
    if (config === undefined || config === null || isSubmittable(config)) {
      this.sessionChanged = true;
      this.#attempt()?.noteUnknown(this);
      return super.query(config as never, values as never, callback as never);
    }
    const { callback: own } = config as StatementLimits;
    const done = [values, callback, own].find((each): each is Callback => typeof each === "function");
    const result = this.#run(config, typeof values === "function" ? undefined : values);
    if (done === undefined) return result;
    result.then(
      (rows) => callBack(() => done(null, rows)),
      (error) => callBack(() => done(error)),
    );
    return undefined;
  }

  async #run(config: string | StatementLimits, values: unknown): Promise<pg.QueryResult> {
    const { query_timeout, signal, text }: StatementLimits =
      typeof config === "string" ? { text: config } : config;
    if (signal?.aborted) throw abortReason(signal);
    this.sessionChanged ||= typeof text !== "string" || !this.#effects.leavesNothing(text);
    const timeoutMs = query_timeout ?? this.#queryTimeoutMs;
    const onDeadline = () => this.cut(new StatementTimeoutError(timeoutMs, false));
    const deadline = timeoutMs > 0 ? setTimeout(onDeadline, timerMs(timeoutMs)) : undefined;
    const ignoreAbort = signal && onAbort(signal, () => this.cut(abortReason(signal)));
    const log = this.#slowStatements?.watch(
      { text: String(text), callSite: this.#callSiteOf(config), holder: this.holder },
      () => {},
    );
    const attempt = this.holder === undefined ? undefined : this.#attempt();
    const isHarmless = attempt !== undefined && this.#effects.callsKnownOnly(String(text));
    const noteEnd = attempt?.follow(this, { text: String(text), isHarmless });
    this.#running++;
    const keptLocally = this.#keptLocally;
    // pg has a deadline of its own, and takes a callback from here, too.
    const own = { query_timeout: { value: undefined }, callback: { value: undefined, writable: true } };
    try {
      const statement = typeof config === "string" ? config : Object.create(config, own);
      const result = await super.query(statement, values as never);
      if (this.#keptLocally !== keptLocally) throw keptLocallyOnly();
      noteEnd?.(undefined, result);
      log?.(undefined, result);
      return result;
    } catch (error) {
      const failure = isError(error) ? error : new Error(String(error));
      noteEnd?.(failure);
      log?.(failure);
      throw error;
    } finally {
      this.#running--;
      clearTimeout(deadline);
      ignoreAbort?.();
    }
  }

  #callSiteOf(config: unknown): CallSite | undefined {
    return callSiteOf(config) ?? (this.holder?.hasClient === false ? this.holder.callSite : new CallSite());
  }
}

function keptLocallyOnly(): CommitUnknownError {
  return new CommitUnknownError(
    "the commit was interrupted while it waited for a synchronous standby: this server has kept it, and a failover may lose it",
  );
}

/** Cursors, streams and COPY drive the protocol themselves, at their own pace: no deadline is theirs. */
function isSubmittable(config: unknown): config is pg.Submittable {
  return typeof config === "object" && config !== null && "submit" in config;
}

/** What pg's types leave out; checked against pg 8.23.1. */
interface Backend {
  readonly processID: number | null;
  readonly secretKey: number;
  readonly host: string;
  readonly port: number;
  readonly ssl: pg.ConnectionConfig["ssl"];
}
interface CancelConnection extends pg.Connection {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

/** Asks the server at the other end, and no other of the same name, to stop what runs on a connection. Nobody waits for it. */
function requestCancel(client: pg.Client): void {
  const { processID, secretKey, host, port, ssl } = client as unknown as Backend;
  if (processID === null) return;
  const { stream } = client.connection;
  const address = "remoteAddress" in stream ? String(stream.remoteAddress ?? host) : host;
  const key = typeof ssl === "object" && "key" in ssl ? { key: ssl.key } : {}; // pg hides it from what copies fields
  const tls = ssl && Object.assign(isIP(host) === 0 ? { servername: host } : {}, ssl, key);
  const connection = new pg.Connection({ ssl: tls }) as CancelConnection;
  const timer = setTimeout(() => connection.stream.destroy(), CANCEL_TIMEOUT_MS);
  const send = () => connection.cancel(processID, secretKey);
  connection.on("connect", () => (ssl ? connection.requestSsl() : send()));
  connection.on("sslconnect", send);
  connection.on("error", () => connection.stream.destroy());
  connection.on("end", () => clearTimeout(timer)); // the server hangs up when it has acted
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, address);
}
