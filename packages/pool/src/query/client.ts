import type pg from "pg";

import { bindCallback } from "../async/bind-callback.ts";
import { callBack, tellListeners } from "../async/foreign-code.ts";
import { isError } from "../async/is-error.ts";
import { tracedRejection } from "../async/rejection.ts";
import { pipelineFault } from "../config/options.ts";
import { guardSignIn, type SignInOptions } from "../config/sign-in.ts";
import { withOwnNegotiation } from "../config/tls.ts";
import { CommitUnknownError, PoolConfigError, TooManyParametersError } from "../errors/errors.ts";
import { isDatabaseError } from "../errors/server-answer.ts";
import {
  connectionOf,
  isConnected,
  keepActive,
  lastUnanswered,
  liftQueryTimeout,
  moveToFront,
  onBound,
  onDone,
  onLastWord,
  onUnconfirmedCommit,
  PgClient,
  rememberWay,
} from "../pg/internals.ts";
import { mayCommitOnItsWay } from "../sql/misplaced-statement.ts";
import { SessionEffects } from "../sql/session-effect.ts";
import { CallSite, callSiteOf } from "../telemetry/call-site.ts";
import { inspectAs } from "../telemetry/inspect-as.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type Holder, SlowStatementLog } from "../telemetry/slow-query-log.ts";
import type { StatementTally } from "../telemetry/statement-tally.ts";
import { currentAttempt } from "./attempt.ts";
import { type Batch, BatchQuery } from "./batch-query.ts";
import { requestCancel } from "./cancel-request.ts";
import { Deadlines } from "./deadlines.ts";
import { makesReadOnly, type Prelude } from "./local-settings.ts";
import type { Pooler } from "./pooler.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import { PoolQuery } from "./query.ts";
import {
  abortedUnsent,
  confirmEnded,
  type Done,
  isConfirmedInterruption,
  withQueryTimeout,
} from "./query-timeout.ts";
import { isRead, ScopedQuery } from "./scoped-query.ts";
import { SeparateBatchDeadline } from "./separate-batch-deadline.ts";
import { type SeparateBatch, SeparateBatchQuery } from "./separate-batch-query.ts";
import { concernsTypes, judgeStale } from "./stale-statement.ts";
import type { StatementNames } from "./statement-names.ts";
import { bindAnswers, isSubmittable } from "./submittable.ts";

export interface ClientOptions extends pg.ClientConfig, SignInOptions {
  /** The class of the promises that `query` returns: an option of pg's that its types know for pools only. */
  Promise?: PromiseConstructorLike | undefined;
  /** Deadline of one statement in milliseconds; cancelled on the server. 0 = off. @default pg's `query_timeout`, or 0 */
  queryTimeoutMs?: number;
  /** Milliseconds from which a statement is logged as slow. 0 = off. @default 0 */
  slowQueryMs?: number;
  /** Where slow statements go. */
  logger?: Logger | undefined;
  /** Names statements by themselves; shared by the connections of a pool. @default none */
  statements?: StatementNames | undefined;
  /** Counts the statements of those who hold the connection; shared by the connections of a pool. */
  tally?: StatementTally | undefined;
  /** Judges what statements leave behind; shared by the connections of a pool. */
  effects?: SessionEffects | undefined;
  /** Knows of a pooler that shares sessions; shared by the connections of a pool. @default none is expected */
  sessionSharing?: Pooler | undefined;
}

interface Sending {
  /** What goes out in front of the statement. */
  readonly preludes?: readonly Prelude[] | undefined;
  /** What goes out in the place of the statement, which stands for it. */
  readonly batch?: Batch | undefined;
  /** Whether it is run again where it has failed for having a name. */
  readonly mayRepeat: boolean;
}

/** What holds for a batch as a whole. */
export interface BatchLimits {
  readonly signal?: AbortSignal | undefined;
  readonly query_timeout?: number | undefined;
  readonly callSite?: CallSite | undefined;
}

/** What is known of a statement before it is sent, for whoever may run it again. */
interface FollowedStatement {
  readonly text: string;
  readonly isHarmless: boolean;
}

const MAX_PARAMETERS = 65_535;

type Callback = (error: Error | null | undefined, result?: pg.QueryResult) => void;

/**
 * A `pg.Client` that never takes the process down, shows no secret, and whose statements end.
 *
 * - A connection that dies while nobody waits for an answer emits 'error', and Node ends a process whose 'error' nobody
 *   listens to. pg-pool takes its own listener off while a connection is checked out; this one stays for life.
 * - A statement that exceeds its deadline, or whose `signal` aborts, is cancelled on the server.
 * - A named statement that the server no longer knows as we do is prepared anew, and run again outside a transaction.
 * - It knows whether anything was sent that may have changed its session.
 * - Where a pooler shares sessions, what would leave something in one is refused.
 */
export class Client extends PgClient {
  /** A bundler that minifies would change it, and who asks a connection for its class's name sees it. */
  static override readonly name = "Client";

  readonly #queryTimeoutMs: number;
  readonly #Promise: PromiseConstructor;
  readonly #deadlines: Deadlines;
  readonly #slowStatements: SlowStatementLog | undefined;
  readonly #tally: StatementTally | undefined;
  readonly #prepared: PreparedStatements;
  readonly #effects: SessionEffects;
  readonly #pooler: Pooler | undefined;
  #isBackendKnown = false;
  /** What is no statement of ours tells nobody here of its end, so that from the first one on all answers are heard. */
  #hearAnswers = () => {
    this.#hearAnswers = () => {};
    onDone(this, () => this.#tally?.noteAnswer());
  };
  #sessionChanged = false;
  #lastWord: pg.DatabaseError | undefined;
  #transactionOpener = "";
  /** Statements that were committed, and no standby has said so. */
  readonly #keptLocally = new WeakSet<object>();
  /** Who has the connection, as far as a pool has told. */
  holder: Holder | undefined;

  constructor(options: ClientOptions = {}) {
    const fault = pipelineFault(options);
    if (fault !== undefined) throw new PoolConfigError([fault]);
    super(withOwnNegotiation(options));
    inspectAs(this, () => `Client { status: ${this.getTransactionStatus()} }`);
    liftQueryTimeout(this);
    const {
      query_timeout,
      queryTimeoutMs = query_timeout || 0,
      slowQueryMs = 0,
      logger,
      statements,
      tally,
      effects,
      sessionSharing,
    } = options;
    this.#pooler = sessionSharing;
    this.#tally = tally;
    this.#effects = effects ?? new SessionEffects();
    this.#prepared = new PreparedStatements(statements, {
      isIdle: () => this.getTransactionStatus() === "I",
      leavesNothing: (text) => this.#effects.leavesNothing(text),
      callsKnownOnly: (text) => this.#effects.callsKnownOnly(text),
      meaningChangedBy: (text) => this.#effects.meaningChangedBy(text),
      isShared: () => this.#sharesSession,
      noteAnswer: () => this.holder && tally?.noteAnswer(),
    });
    const prepared = this.#prepared;
    onBound(this, () => {
      prepared.bound++;
    });
    onLastWord(this, (error) => {
      this.#lastWord ??= error;
    });
    onUnconfirmedCommit(this, (statement) => {
      const current = statement instanceof SeparateBatchQuery ? statement.current : statement;
      this.#keptLocally.add(current ?? statement);
    });
    this.#queryTimeoutMs = Number(queryTimeoutMs); // pg takes a string, too
    // A stream of the caller's own may hold no process.
    this.#deadlines = new Deadlines(() => options.stream === undefined && isConnected(this));
    this.connection.once("end", () => this.#deadlines.close());
    if (slowQueryMs > 0 && logger !== undefined)
      this.#slowStatements = new SlowStatementLog(logger, slowQueryMs);
    this.#Promise = (options.Promise ?? Promise) as PromiseConstructor;
    this.on("error", () => {});
    rememberWay(this, options.stream);
    guardSignIn(this, options);
    // Assigned, because pg's types spell out nine overloads of the method, and they stay as they are.
    this.query = this.#query as pg.Client["query"];
  }

  /**
   * Whether something was sent that may have changed the session since it was as new. Where sessions are shared nothing is sent that
   * says so, and a reset would reach whichever session is free.
   */
  get sessionChanged(): boolean {
    return this.#sessionChanged && !this.#sharesSession;
  }

  get #sharesSession(): boolean {
    return this.#pooler?.sharesSessions === true;
  }

  /** Whether it is not known yet if a pooler stands in between. */
  get wantsBackendPid(): boolean {
    return this.#pooler?.isSought === true && !this.#isBackendKnown;
  }

  /**
   * Notes which process of the server has answered.
   *
   * @returns whether it is another one than the connection was told of: a pooler stands in between.
   */
  noteBackendPid(pid: number): boolean {
    this.#isBackendKnown = true;
    const isAnother = "processID" in this && pid !== this.processID;
    this.#pooler?.note(isAnother);
    return isAnother;
  }

  /** Why the server has ended the session, where it has said so. */
  get lastWord(): pg.DatabaseError | undefined {
    return this.#lastWord;
  }

  /** What was sent first, or went out in front of it, since the session was last outside of a transaction; and that we made it read-only. */
  get transactionOpener(): string {
    return this.#transactionOpener;
  }

  set sessionChanged(changed: boolean) {
    this.#sessionChanged = changed;
    if (!changed) this.#prepared.noteNewSession();
  }

  /**
   * Runs a statement with others in front of it, in one round trip and in one transaction; the result is the statement's
   * alone. It must be one statement, as the extended protocol takes no more. What goes in front leaves nothing behind.
   *
   * @throws {CommitUnknownError} the connection was lost with a write under way, unless the preludes have begun a transaction.
   */
  queryAfter(
    preludes: readonly Prelude[],
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult> {
    return this.#promised(statement, (done) =>
      this.#send(statement, values, done, { preludes, mayRepeat: true }),
    );
  }

  /**
   * Runs several statements in one round trip and in one transaction. Each must be one that stays in its transaction.
   *
   * @returns the result of each, in order. `batchFailureOf` tells whose error it has thrown.
   * @throws {CommitUnknownError} the connection was lost with a write under way.
   */
  queryBatch(batch: Batch, limits: BatchLimits): Promise<pg.QueryResult[]> {
    const texts = batch.members.map(({ config }) => config.text);
    // Whoever asks what may be kept of it asks for a write, where there is one.
    const text = texts.find((each) => !isRead(each)) ?? texts[0] ?? "";
    const isHarmless = texts.every((each) => this.#effects.callsKnownOnly(each));
    const config = { ...limits, text };
    const sending = { preludes: batch.preludes, batch, mayRepeat: true };
    const send = (done: Done) => this.#send(config, undefined, done, sending);
    const told = this.#promised(shownAs(texts, limits), send, { text, isHarmless });
    return told as unknown as Promise<pg.QueryResult[]>; // as pg's own of several statements in one text
  }

  /**
   * Runs several statements in one round trip, each in a transaction of its own. Each must be one that stays in its transaction.
   *
   * @returns what has become of each, in order. It rejects only where nothing was sent.
   */
  queryEach(batch: SeparateBatch, limits: BatchLimits): Promise<PromiseSettledResult<pg.QueryResult>[]> {
    const { signal, query_timeout: timeoutMs = this.#queryTimeoutMs } = limits;
    const texts = batch.members.map(({ config }) => config.text);
    return new this.#Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortedUnsent(signal));
      const refusals = batch.members.map(
        ({ config, values }) => parametersFault(config, values) ?? this.#refusalOf(config),
      );
      const refusal = refusals.find(isError);
      if (refusal !== undefined) return reject(confirmEnded(refusal));
      for (const { config } of batch.members) this.#noteEffect(config);
      this.#noteOpener(batch.preludes, texts[0] ?? "");
      const outcomes: PromiseSettledResult<pg.QueryResult>[] = [];
      const ends = texts.map((text, index) =>
        this.#followed({ text, isHarmless: this.#effects.callsKnownOnly(text) }, (reason, value) => {
          outcomes[index] =
            value === undefined ? { status: "rejected", reason } : { status: "fulfilled", value };
        }),
      );
      const shown = shownAs(texts, limits);
      const told = this.#counted(shown, (error) => (query.wasSent ? resolve(outcomes) : reject(error)));
      const finish = (error: Error | undefined) => {
        const values = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
        const failed = outcomes.find((each) => each.status === "rejected");
        told(error ?? failed?.reason, values as unknown as pg.QueryResult); // as pg's own of several statements in one text
      };
      let isOver = false;
      const end = (error: Error | undefined) => {
        if (isOver) return;
        isOver = true;
        // A copy of the query's fields tells nobody.
        if (error !== undefined)
          for (const [index, tell] of ends.entries()) if (outcomes[index] === undefined) tell(error);
        deadline.end(() => finish(error));
      };
      const hooks = {
        onEnd: (index: number, error: Error | undefined, result: pg.QueryResult | undefined) => {
          const member = query.members[index] ?? query;
          const isKeptLocally = this.#keptLocally.has(member);
          const failure = error === undefined && isKeptLocally ? confirmEnded(keptLocally()) : error;
          // It is not run again: what stands behind it has come before it then.
          if (judgeStale(failure, member))
            this.#prepared.recover(member.failedNames, failure.code, connectionOf(this));
          explain(failure, this.#lastWord);
          ends[index]?.(failure && deadline.failureOf(failure), failure === undefined ? result : undefined);
        },
        onNext: () => deadline.onNext(),
        keepActive: () => keepActive(this, query),
      };
      const config = { ...limits, text: texts[0] };
      const query: SeparateBatchQuery = new SeparateBatchQuery(batch, this.#prepared, config, hooks, end);
      const deadline = new SeparateBatchDeadline(
        this,
        () => query,
        { timeoutMs, signal },
        this.#deadlines,
        this.#requestCancel,
        (reason) => query.giveUp(reason, connectionOf(this)),
      );
      super.query(query);
      this.#refuseCopy(lastUnanswered(this));
    });
  }

  #query(given: unknown, values?: unknown, callback?: unknown): unknown {
    const config = this.#withText(given);
    if (config === undefined || config === null || isSubmittable(config)) {
      const refusal = parametersFault(config, undefined) ?? this.#refusalOf(config);
      if (refusal !== undefined) {
        const { handleError } = config as unknown as Refusable;
        process.nextTick(() => handleError.call(config, refusal, connectionOf(this)));
        return config;
      }
      currentAttempt()?.noteUnknown(this);
      this.#hearAnswers();
      this.#noteEffect(config);
      this.#noteOpener(undefined, textOf(config));
      if (this.#sharesSession && isSubmittable(config) && Reflect.get(config, "name"))
        Reflect.set(config, "name", "");
      bindAnswers(config);
      return super.query(config as never, values as never, callback as never);
    }
    const done = [values, callback, (config as { callback?: unknown }).callback].find(isCallback);
    const parameters = typeof values === "function" ? undefined : values;
    if (done !== undefined) {
      // Who holds the client passes its own callback; that of a pool's `query` is bound where it was passed.
      const tell = this.holder?.hasClient === false ? done : bindCallback(done);
      const settle = this.#watched(config, (error, result) => callBack(() => tell(error ?? null, result)));
      this.#send(config, parameters, settle, { mayRepeat: true });
      return undefined;
    }
    return this.#promised(config, (settle) => this.#send(config, parameters, settle, { mayRepeat: true }));
  }

  /** As in pg, a name stands for the text that it was given before. What is known of a statement is known by its text. */
  #withText(config: unknown): unknown {
    if (typeof config !== "object" || config === null || isSubmittable(config)) return config;
    const { name, text } = config as Partial<pg.QueryConfig>;
    if (name === undefined || text !== undefined) return config;
    const known = this.#prepared.textOfCaller(name);
    return known === undefined ? config : { ...config, text: known };
  }

  #promised(
    config: unknown,
    send: (done: Done) => void,
    statement?: FollowedStatement,
  ): Promise<pg.QueryResult> {
    // Only what has failed needs one more promise.
    return new this.#Promise<pg.QueryResult>((resolve) => {
      send(
        this.#watched(
          config,
          (error, result) => resolve(result ?? tracedRejection<pg.QueryResult>(this.#Promise, error)),
          statement,
        ),
      );
    });
  }

  /** Follows a statement for whoever may run it again, for the figures, and for the log. */
  #watched(config: unknown, done: Done, statement?: FollowedStatement): Done {
    if (currentAttempt() === undefined) return this.#counted(config, done);
    const text = textOf(config);
    const followed = statement ?? { text, isHarmless: this.#effects.callsKnownOnly(text) };
    return this.#counted(config, this.#followed(followed, done));
  }

  #followed(statement: FollowedStatement, done: Done): Done {
    const noteEnd = currentAttempt()?.follow(this, statement);
    if (noteEnd === undefined) return done;
    return (error, result) => {
      noteEnd(error, result);
      done(error, result);
    };
  }

  /** Nobody holds the connection while the pool itself asks: whether it is alive, say. */
  #counted(config: unknown, done: Done): Done {
    const tally = this.#tally;
    const { holder } = this;
    if (tally === undefined || holder === undefined) return this.#logged(config, done);
    return this.#logged(
      config,
      tally.follow(() => textOf(config), done, holder.route),
    );
  }

  readonly #requestCancel = (client: pg.Client): Promise<boolean> => {
    if (this.#tally !== undefined) this.#tally.cancelRequests++;
    return requestCancel(client);
  };

  /** Follows a statement for the log, where one is kept. Its caller is looked for only where no one else knows it. */
  #logged(config: unknown, done: Done): Done {
    if (this.#slowStatements === undefined) return done;
    const text = textOf(config);
    const { holder } = this;
    const callSite = callSiteOf(config) ?? (holder?.hasClient === false ? holder.callSite : new CallSite());
    return this.#slowStatements.watch({ text, callSite, holder }, done);
  }

  /** @returns what pg has queued, unless it was sent at once. */
  #send(config: unknown, values: unknown, done: Done, sending: Sending): object | undefined {
    const { preludes, batch, mayRepeat } = sending;
    const { signal, query_timeout } = (typeof config === "object" && config !== null ? config : {}) as {
      signal?: AbortSignal;
      query_timeout?: number | string; // as pg takes it
    };
    if (signal?.aborted) {
      process.nextTick(done, abortedUnsent(signal));
      return undefined;
    }
    const tooMany = parametersFault(config, values);
    const refusal = tooMany ?? (this.#sharesSession ? this.#refusalOfAny(config, batch) : undefined);
    if (refusal !== undefined) {
      process.nextTick(done, confirmEnded(refusal));
      return undefined;
    }
    if (batch === undefined) this.#noteEffect(config);
    else for (const member of batch.members) this.#noteEffect(member.config);
    const finish: Done = (error, result) => {
      if (queued !== undefined && this.#keptLocally.has(queued) && error === undefined)
        return done(confirmEnded(keptLocally()));
      explain(error, this.#lastWord);
      if (!judgeStale(error, statement)) return done(error, result);
      this.#prepared.recover(statement.failedNames, error.code, connectionOf(this));
      // Within a transaction, also one that was begun in front of the statement, the error has ended it.
      const wasAlone = this.getTransactionStatus() === "I" && !statement.beginsTransaction();
      if (!wasAlone || !mayRepeat) return done(error);
      // In the place that it had: what was queued behind it comes after it.
      const givesUp = concernsTypes(error);
      const doneAgain: Done = (error, result) => {
        if (givesUp && error === undefined) this.#prepared.invalidateAll();
        done(error, result);
      };
      moveToFront(this, this.#send(config, values, doneAgain, { ...sending, mayRepeat: false }));
    };
    this.#noteOpener(preludes, textOf(config));
    const limits = {
      timeoutMs: Number(query_timeout ?? this.#queryTimeoutMs),
      signal,
      mayHaveCommitted: () =>
        mayCommitOnItsWay(
          textOf(config),
          this.getTransactionStatus() !== "I" || statement.beginsTransaction(),
        ),
    };
    let queued: object | undefined;
    const settle = withQueryTimeout(this, () => queued, limits, this.#deadlines, this.#requestCancel, finish);
    const statement = this.#toStatement(config, values, settle, sending);
    // Instrumentation may hand pg a copy of its fields instead.
    super.query(statement);
    queued = lastUnanswered(this);
    if (!(queued instanceof PoolQuery)) this.#hearAnswers();
    if (preludes !== undefined) this.#refuseCopy(queued);
    return queued;
  }

  #noteOpener(preludes: readonly Prelude[] | undefined, text: string): void {
    if (this.getTransactionStatus() === "I") this.#transactionOpener = openerOf(preludes, text);
  }

  /** A copy would run without what was to go in front of it. */
  #refuseCopy(queued: object | undefined): void {
    if (queued === undefined || queued instanceof ScopedQuery) return;
    this.connection.stream.destroy(
      new Error("a scoped statement was replaced on its way by a copy of its fields"),
    );
  }

  #toStatement(
    config: unknown,
    values: unknown,
    settle: Done,
    { preludes, batch, mayRepeat }: Sending,
  ): PoolQuery {
    if (batch !== undefined) return new BatchQuery(batch, this.#prepared, config, settle, !mayRepeat);
    if (preludes === undefined) return new PoolQuery(this.#prepared, config, values, settle);
    return new ScopedQuery(preludes, this.#prepared, config, values, settle);
  }

  /** Cursors, streams and COPY have a text, too. */
  #noteEffect(config: unknown): void {
    const text = givenText(config);
    const leavesNothing = text !== undefined && this.#effects.leavesNothing(text);
    this.#sessionChanged ||= !leavesNothing;
    this.#prepared.noteQueued(text ?? "", leavesNothing || this.#sharesSession);
  }

  #refusalOfAny(config: unknown, batch: Sending["batch"]): Error | undefined {
    const statements = batch === undefined ? [config] : batch.members.map((member) => member.config);
    return statements.map((each) => this.#refusalOf(each)).find(isError);
  }

  /** Why a statement may not be sent where sessions are shared. */
  #refusalOf(config: unknown): Error | undefined {
    if (!this.#sharesSession) return undefined;
    const text = givenText(config);
    if (text === undefined || this.#effects.leavesNothing(text)) return undefined;
    return this.#pooler?.refusalOf(text);
  }

  /** One whose listener throws goes on reading what the server says. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (this.listenerCount(event) === 0 && event !== "error") return false; // as nearly always
    return tellListeners(this, event, values);
  }

  toJSON(): object {
    return { status: this.getTransactionStatus() };
  }
}

function keptLocally(): CommitUnknownError {
  return new CommitUnknownError(
    "the commit was interrupted while it waited for a synchronous standby: this server has kept it, and a failover may lose it",
  );
}

/** Several statements as the log and watchers are shown one. */
function shownAs(texts: readonly string[], limits: BatchLimits): object {
  return {
    ...limits,
    get text() {
      return [...new Set(texts)].join("; ");
    },
  };
}

/** Has the error of a connection that is gone tell why, where the server has. */
function explain(error: Error | undefined, lastWord: Error | undefined): void {
  if (error === undefined || lastWord === undefined || isConfirmedInterruption(error)) return;
  let root = error;
  while (isError(root.cause)) root = root.cause;
  if (isDatabaseError(root) || !Object.isExtensible(root)) return;
  Object.defineProperty(root, "cause", { value: lastWord, configurable: true, writable: true });
}

/** What pg has of its own statements, cursors and streams: how they hear of an error before they were sent. */
interface Refusable {
  handleError(error: Error, connection: unknown): void;
}

function isCallback(value: unknown): value is Callback {
  return typeof value === "function";
}

function givenText(config: unknown): string | undefined {
  const text: unknown = typeof config === "object" && config !== null ? Reflect.get(config, "text") : config;
  return typeof text === "string" ? text : undefined;
}

/** What a transaction begins with, and that its settings make it read-only. */
function openerOf(preludes: readonly Prelude[] | undefined, text: string): string {
  const first = preludes?.[0]?.text;
  if (preludes === undefined || first === undefined) return text;
  const isReadOnly = makesReadOnly(text) || preludes.some((each) => makesReadOnly(each.text));
  return isReadOnly ? `${first} read only` : first;
}

function textOf(config: unknown): string {
  return String(typeof config === "object" && config !== null ? Reflect.get(config, "text") : config);
}

/** The protocol counts them in 16 bits, and pg would send the remainder (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
export function parametersFault(config: unknown, values: unknown): TooManyParametersError | undefined {
  const given =
    values ?? (typeof config === "object" && config !== null && "values" in config ? config.values : []);
  if (!Array.isArray(given) || given.length <= MAX_PARAMETERS) return undefined;
  return new TooManyParametersError(
    `a statement has ${given.length} parameters; Postgres takes at most ${MAX_PARAMETERS}. Nothing was sent`,
  );
}
