import {
  AUTHENTICATION_OK,
  BIND_COMPLETE,
  backendKeyData,
  CLOSE_COMPLETE,
  commandComplete,
  dataRow,
  EMPTY_QUERY,
  errorResponse,
  NO_DATA,
  PARAMETER_STATUS,
  PARSE_COMPLETE,
  READY,
  rowDescription,
  type TransactionStatus,
} from "./answers.ts";
import type { Fault } from "./faults.ts";
import type { Message } from "./frontend.ts";
import type { Ledger } from "./ledger.ts";
import type { Link, ServerEnd } from "./link.ts";
import { Session, SqlError } from "./session.ts";
import { SQL, TAINTS, type Taint, tenantOf } from "./statements.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What a backend needs of its server. */
export interface Host {
  readonly time: VirtualTime;
  readonly ledger: Ledger;
  readonly isGerman: boolean;
  /** Counts the changes of tables. */
  readonly schema: number;
  /** What happens at this message, if anything does. */
  faultAt(message: Message): Fault | undefined;
  apply(fault: Fault, backend: Backend): void;
  /** The client has its answer. */
  onAnswered(link: Link, isInTransaction: boolean): void;
  onGone(backend: Backend): void;
  violate(rule: string): void;
}

interface Result {
  readonly tag: string;
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly (string | null)[])[];
}

interface Portal {
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** Yields how many milliseconds something takes; a cancel request is thrown into it. */
type Work<T = void> = Generator<number, T, void>;

const TAINT_OF = new Map<string, Taint>(
  Object.entries(TAINTS).map(([taint, text]) => [text, taint as Taint]),
);
const PUBLIC_SETTING = /set_config\('([^']+)', '([^']*)', false\)/g;

/** One connection's process on the server. */
export class Backend implements ServerEnd {
  readonly pid: number;
  readonly secret: number;
  readonly link: Link;
  readonly session = new Session();
  readonly #host: Host;
  readonly #queue: Message[] = [];
  #work: Work | undefined;
  #busy = 0;
  #isBusy = false;
  #isGone = false;
  #isHungUp = false;
  #status: TransactionStatus = "I";
  #writes: string[] = [];
  #commitMs = 0;
  #isRefusedAtCommit = false;
  #skipsToSync = false;
  #portal: Portal | undefined;
  #out: Buffer[] = [];
  /** Writes of whose end the next ReadyForQuery tells. */
  #decided: string[] = [];
  #injected: SqlError | undefined;
  #extraMs = 0;

  constructor(host: Host, link: Link, pid: number, secret: number) {
    this.#host = host;
    this.link = link;
    this.pid = pid;
    this.secret = secret;
  }

  /** Whether it has nothing to do, and is in no transaction. */
  get isIdle(): boolean {
    return !this.#isGone && !this.#isBusy && this.#queue.length === 0 && this.#status === "I";
  }

  start(): void {
    this.#out.push(AUTHENTICATION_OK, PARAMETER_STATUS, backendKeyData(this.pid, this.secret));
    this.#ready();
  }

  receive(messages: readonly Message[]): void {
    this.#queue.push(...messages);
    if (!this.#isBusy) this.#advance();
  }

  hangUp(): void {
    this.#isHungUp = true;
    if (!this.#isBusy) this.#advance();
  }

  /** A cancel request: what is under way fails; where nothing is, nothing happens. */
  cancel(): void {
    if (!this.#isBusy || this.#isGone) return;
    this.#busy++;
    this.#isBusy = false;
    const cancelled = new SqlError("57014", "canceling statement due to user request", "ProcessInterrupts");
    if (this.#work !== undefined) this.#step(() => this.#work?.throw(cancelled));
    this.#advance();
  }

  /** The session is over; what is not committed never will be. */
  exit(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#busy++;
    this.#writes = [];
    this.#host.onGone(this);
  }

  /** Says why, and ends. */
  die(code: string, text: string): void {
    if (this.#isGone) return;
    this.#out.push(errorResponse({ severity: "FATAL", code, text, isGerman: this.#host.isGerman }));
    this.#flush();
    this.link.close();
    this.exit();
  }

  fail(code: string): void {
    this.#injected = new SqlError(code, "could not be done", "simulated");
  }

  /** What was to befall its next statement does not. */
  heal(): void {
    this.#injected = undefined;
    this.#extraMs = 0;
  }

  takeLonger(ms: number): void {
    this.#extraMs += ms;
  }

  /** Works off what was received until it has to wait. */
  #advance(): void {
    while (!this.#isGone && !this.#isBusy) {
      if (this.#work !== undefined) this.#step(() => this.#work?.next());
      else {
        const message = this.#queue.shift();
        if (message === undefined) break;
        this.#begin(message);
      }
    }
    if (this.#isHungUp && !this.#isBusy && this.#queue.length === 0) this.exit();
  }

  #begin(message: Message): void {
    const fault = this.#host.faultAt(message);
    if (fault !== undefined) {
      if (fault.do === "cut") return void this.#beCut(message, fault);
      if (fault.do === "fatal") return void this.#beEnded(message, fault);
      this.#host.apply(fault, this);
      if (this.#isGone) return;
    }
    this.#work = this.#handle(message);
  }

  #beCut(message: Message, { when, how }: Extract<Fault, { do: "cut" }>): void {
    this.link.cut(how, when === "after");
    if (when === "before") this.exit();
    else this.#work = this.#handle(message);
  }

  #beEnded(message: Message, { when, code }: Extract<Fault, { do: "fatal" }>): void {
    const end = () => this.die(code, "terminating connection due to administrator command");
    if (when === "before") return void end();
    const handle = this.#handle(message);
    this.#work = (function* () {
      yield* handle;
      end();
    })();
  }

  #step(resume: () => IteratorResult<number, void> | undefined): void {
    const step = resume();
    if (step === undefined || step.done) {
      this.#work = undefined;
      return;
    }
    this.#isBusy = true;
    const turn = ++this.#busy;
    this.#host.time.inWorld(step.value, () => {
      if (turn !== this.#busy) return;
      this.#isBusy = false;
      this.#advance();
    });
  }

  *#handle(message: Message): Work {
    if (this.#skipsToSync && message.tag !== "sync" && message.tag !== "terminate") return;
    try {
      switch (message.tag) {
        case "query":
          return yield* this.#simpleQuery(message.text);
        case "parse":
          if (message.name !== "" && this.session.prepared.has(message.name))
            throw new SqlError("42P05", `prepared statement "${message.name}" already exists`);
          this.session.prepared.set(message.name, { text: message.text, schema: this.#host.schema });
          return void this.#out.push(PARSE_COMPLETE);
        case "bind":
          return this.#bind(message);
        case "describe":
          return void this.#out.push(this.#description());
        case "execute":
          return yield* this.#executePortal();
        case "close":
          this.session.prepared.delete(message.name);
          return void this.#out.push(CLOSE_COMPLETE);
        case "sync":
          return yield* this.#sync();
        case "flush":
          return this.#flush();
        default:
          return this.exit();
      }
    } catch (error) {
      this.#tellError(error);
      this.#skipsToSync = true;
    }
  }

  *#simpleQuery(text: string): Work {
    try {
      const statements = text
        .split(";")
        .map((each) => each.trim())
        .filter((each) => each !== "");
      if (statements.length === 0) this.#out.push(EMPTY_QUERY);
      for (const statement of statements) {
        const result = yield* this.#execute(statement, []);
        if (result.columns !== undefined) this.#out.push(rowDescription(result.columns));
        this.#answer(result);
      }
      if (this.#status === "I") yield* this.#commit();
    } catch (error) {
      this.#tellError(error);
    }
    this.#ready();
  }

  #bind({ name, values }: Extract<Message, { tag: "bind" }>): void {
    const prepared = this.session.prepared.get(name);
    if (prepared === undefined) throw new SqlError("26000", `prepared statement "${name}" does not exist`);
    if (prepared.text === SQL.readAll && prepared.schema !== this.#host.schema) {
      throw new SqlError("0A000", "cached plan must not change result type", "RevalidateCachedQuery");
    }
    this.#portal = { text: prepared.text, values };
    this.#out.push(BIND_COMPLETE);
  }

  #description(): Buffer {
    const columns = columnsOf(this.#portal?.text ?? "");
    return columns === undefined ? NO_DATA : rowDescription(columns);
  }

  *#executePortal(): Work {
    const { text, values } = this.#portal ?? { text: "", values: [] };
    if (text === "") return void this.#out.push(EMPTY_QUERY);
    this.#answer(yield* this.#execute(text, values));
  }

  *#sync(): Work {
    const hasFailed = this.#skipsToSync;
    this.#skipsToSync = false;
    try {
      if (this.#status === "I") {
        if (hasFailed) this.#rollBack();
        else yield* this.#commit();
      }
    } catch (error) {
      this.#tellError(error);
    }
    this.#ready();
  }

  #answer({ tag, rows = [] }: Result): void {
    for (const row of rows) this.#out.push(dataRow(row));
    this.#out.push(commandComplete(tag));
  }

  #tellError(error: unknown): void {
    if (!(error instanceof SqlError)) throw error;
    const { code, text, routine } = error;
    this.#out.push(errorResponse({ severity: "ERROR", code, text, routine, isGerman: this.#host.isGerman }));
    if (this.#status === "I") this.#rollBack();
    else this.#status = "E";
  }

  #ready(): void {
    this.#out.push(READY[this.#status]);
    const isInTransaction = this.#status !== "I";
    const decided = this.#decided;
    this.#decided = [];
    this.#flush(() => {
      for (const key of decided) this.#host.ledger.answer(key);
      this.#host.onAnswered(this.link, isInTransaction);
    });
  }

  #flush(onDelivered?: () => void): void {
    if (this.#out.length === 0) return;
    this.link.toClient(Buffer.concat(this.#out), onDelivered);
    this.#out = [];
  }

  /** @throws {SqlError} */
  *#execute(text: string, values: readonly (string | null)[]): Work<Result> {
    const extraMs = this.#extraMs;
    this.#extraMs = 0;
    if (extraMs > 0) yield extraMs;
    if (this.#injected !== undefined) {
      const error = this.#injected;
      this.#injected = undefined;
      throw error;
    }
    switch (text) {
      case "begin":
        return this.#beginTransaction();
      case "commit":
        if (this.#status !== "E") {
          yield* this.#commit();
          return { tag: "COMMIT" };
        }
        this.#rollBack();
        return { tag: "ROLLBACK" };
      case "rollback":
        this.#rollBack();
        return { tag: "ROLLBACK" };
      default:
        if (this.#status === "E") throw new SqlError("25P02", "current transaction is aborted");
        return yield* this.#run(text, values);
    }
  }

  #beginTransaction(): Result {
    if (this.#status === "I") this.session.begin();
    this.#status = "T";
    return { tag: "BEGIN" };
  }

  *#commit(): Work {
    try {
      if (this.#commitMs > 0) yield this.#commitMs;
      if (this.#isRefusedAtCommit)
        throw new SqlError("23503", "violates a deferred constraint", "ri_ReportViolation");
    } catch (error) {
      this.#status = "I"; // a COMMIT that fails ends the transaction
      throw error;
    }
    for (const key of this.#writes) this.#host.ledger.commit(key);
    this.#endTransaction(true);
  }

  #rollBack(): void {
    this.#endTransaction(false);
  }

  #endTransaction(isCommitted: boolean): void {
    this.#decided.push(...this.#writes);
    this.#writes = [];
    this.#commitMs = 0;
    this.#isRefusedAtCommit = false;
    this.session.end(isCommitted);
    this.#status = "I";
  }

  *#run(text: string, values: readonly (string | null)[]): Work<Result> {
    const [first, second] = values;
    const ms = Number(second ?? 0);
    switch (text) {
      case SQL.slowRead:
      case SQL.slowWrite:
        yield ms;
        break;
      case SQL.lateWrite:
        this.#commitMs = Math.max(this.#commitMs, ms);
        break;
    }
    const statement = TEXTS.get(text);
    if (statement === undefined) return this.#runOther(text, values);
    const parameter = first ?? "";
    this.#expectTenant(text, parameter);
    switch (statement) {
      case "look":
        return { tag: "SELECT 1", columns: ["state", "op"], rows: [[this.session.state, parameter]] };
      case "violation":
        throw new SqlError("23505", "duplicate key value violates unique constraint", "_bt_check_unique");
      case "conflict":
        if (this.#host.ledger.conflict(parameter))
          throw new SqlError("40001", "could not serialize access", "heap_update");
        break;
      case "refusedAtCommit":
        this.#isRefusedAtCommit = true;
        break;
    }
    const columns = columnsOf(text);
    if (columns !== undefined) return { tag: "SELECT 1", columns, rows: [["1"]] };
    this.#writes.push(parameter);
    return { tag: "INSERT 0 1" };
  }

  #expectTenant(text: string, parameter: string): void {
    const { tenant } = this.session;
    const expected = tenantOf(parameter);
    if (tenant !== expected)
      this.#host.violate(
        `isolation: ${parameter} runs as tenant ${tenant ?? "none"}, not ${expected ?? "none"}: ${text}`,
      );
  }

  /** What the engine sends of its own accord, and what changes the session. */
  #runOther(text: string, values: readonly (string | null)[]): Result {
    const taint = TAINT_OF.get(text);
    if (taint === "setting") this.session.set("sim.mark", "left behind", false);
    else if (taint !== undefined) this.session.leave(taint);
    if (taint !== undefined) return { tag: "SET" };
    if (text.startsWith("select 1 where (pg_catalog.set_config($")) {
      for (let index = 0; index < values.length; index += 2)
        this.session.set(values[index] ?? "", values[index + 1] ?? "", true);
      return { tag: "SELECT 0", columns: ["?column?"], rows: [] };
    }
    if (/^select (pg_catalog\.)?set_config\('/.test(text)) {
      for (const [, name = "", value = ""] of text.matchAll(PUBLIC_SETTING))
        this.session.set(name, value, false);
      return { tag: "SELECT 1", columns: ["set_config"], rows: [["set"]] };
    }
    switch (text) {
      case "reset session authorization":
        return { tag: "RESET" };
      case "reset all":
        this.session.resetSettings();
        return { tag: "RESET" };
      case "deallocate all":
        this.session.prepared.clear();
        return { tag: "DEALLOCATE ALL" };
      case "close all":
        this.session.forget("cursor");
        return { tag: "CLOSE CURSOR ALL" };
      case "unlisten *":
        this.session.forget("channel");
        return { tag: "UNLISTEN" };
      case "select pg_catalog.pg_advisory_unlock_all()":
        this.session.forget("lock");
        return { tag: "SELECT 1", columns: ["pg_advisory_unlock_all"], rows: [[""]] };
      case "discard temp":
        this.session.forget("temporary table");
        return { tag: "DISCARD TEMP" };
      case "discard sequences":
        return { tag: "DISCARD SEQUENCES" };
      default:
        throw new Error(`the simulated server does not know: ${text}`);
    }
  }
}

const TEXTS = new Map<string, keyof typeof SQL>(
  Object.entries(SQL).map(([name, text]) => [text, name as keyof typeof SQL]),
);

function columnsOf(text: string): readonly string[] | undefined {
  if (text === SQL.look) return ["state", "op"];
  if (/^select (pg_catalog\.)?set_config\(/.test(text)) return ["set_config"];
  if (text.startsWith("select 1 where")) return ["?column?"];
  return TEXTS.get(text)?.match(/read/i) ? ["n"] : undefined;
}
