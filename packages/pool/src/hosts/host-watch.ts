import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { isStatementError } from "../errors/server-answer.ts";
import { unref } from "../pg/internals.ts";
import type { Host } from "./host.ts";
import type { Hosts } from "./hosts.ts";

/** How often each host is looked at, in milliseconds: so long, and what an answer takes, two primaries may both be written to. */
const LOOK_EVERY_MS = 1_000;
/** How long a host that is connected may take to answer, in milliseconds. */
const ANSWER_LIMIT_MS = 1_000;
/** How long the server may take to close a connection after our goodbye, in milliseconds. */
const TERMINATE_TIMEOUT_MS = 1_000;
/** After so long without anybody who needs it the watch ends, in milliseconds, so that a database may scale to zero. */
const IDLE_MS = 60_000;

const ROLE = "pg_catalog.pg_is_in_recovery() as standby";
/** The checkpoint's timeline would be that of before a promotion; the name of the segment that is written to says the new one at once. */
const TIMELINE =
  "case when not pg_catalog.pg_is_in_recovery() then pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 8) end as timeline";
const SYSTEM = "(select system_identifier::varchar from pg_catalog.pg_control_system()) as system";
/** The first that a server answers will do: some let not everybody ask for the control file, some have no write-ahead log to ask for. */
const LOOKS = [`select ${ROLE}, ${TIMELINE}, ${SYSTEM}`, `select ${ROLE}, ${TIMELINE}`, `select ${ROLE}`];
/** SQLSTATEs of what a server will not answer next time either: feature_not_supported, insufficient_privilege, undefined_function. */
const NEVER_ANSWERED: ReadonlySet<string | undefined> = new Set(["0A000", "42501", "42883"]);

interface Row {
  readonly standby: boolean;
  readonly timeline?: string | null;
  readonly system?: string | null;
}

export interface HostWatchNeeds {
  /** A client for that host. */
  makeClient(host: Host): pg.Client;
  /** How long connecting may take, in milliseconds. */
  connectLimitMs(): number;
  /** Whether anybody has a connection, or waits for one. */
  isNeeded(): boolean;
}

/**
 * Looks at several servers in the background, each over a connection of its own: which is the primary, on which timeline, and
 * whether those that could not be reached are back. So nobody who wants a connection finds that out by waiting for a dead one, and a
 * primary that another has replaced is known although it still answers.
 */
export class HostWatch {
  readonly #hosts: Hosts;
  readonly #needs: HostWatchNeeds;
  readonly #clients = new Map<Host, pg.Client>();
  readonly #connecting = new Set<pg.Client>();
  /** Which of the questions its server answers, where that is not the first. */
  readonly #firstLook = new WeakMap<pg.Client, number>();
  readonly #looking = new Set<Host>();
  #timer: NodeJS.Timeout | undefined;
  #neededAtMs = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(hosts: Hosts, needs: HostWatchNeeds) {
    this.#hosts = hosts;
    this.#needs = needs;
  }

  /** Begins to look, if it does not yet. With one host there is nothing to compare. */
  start(): void {
    this.#neededAtMs = performance.now();
    if (this.#stopped || this.#timer !== undefined || this.#hosts.all.length < 2) return;
    this.#timer = setInterval(() => this.#lookAtAll(), LOOK_EVERY_MS).unref();
    this.#lookAtAll();
  }

  /** Ends for good, and resolves when its connections are closed, a second at most. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#rest();
  }

  get #isResting(): boolean {
    return this.#timer === undefined;
  }

  async #rest(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of this.#connecting) client.connection.stream.destroy();
    await Promise.all(
      clients.map((client) =>
        withTimeout(client.end(), TERMINATE_TIMEOUT_MS, () => new Error("no goodbye")).catch(() =>
          client.connection.stream.destroy(),
        ),
      ),
    );
  }

  #lookAtAll(): void {
    const nowMs = performance.now();
    if (this.#needs.isNeeded()) this.#neededAtMs = nowMs;
    else if (nowMs - this.#neededAtMs > IDLE_MS) return void this.#rest();
    for (const host of this.#hosts.all) void this.#look(host);
  }

  async #look(host: Host): Promise<void> {
    if (this.#looking.has(host) || this.#isResting) return;
    this.#looking.add(host);
    const open = this.#clients.get(host);
    try {
      const client = open ?? (await this.#connect(host));
      const { standby, timeline, system } = await this.#ask(client);
      this.#hosts.note(host, {
        role: standby ? "standby" : "primary",
        timeline: timeline ?? undefined,
        system: system ?? undefined,
      });
    } catch (error) {
      this.#cut(host);
      if (this.#isResting) return;
      // One that was lost says nothing yet of the host: whether there is another one does. A pooler may sign that one in and refuse
      // its statements, so that to look again at once would never end.
      if (open === undefined) this.#hosts.noteFailure(host, error);
      else setImmediate(() => void this.#look(host));
    } finally {
      this.#looking.delete(host);
    }
  }

  async #connect(host: Host): Promise<pg.Client> {
    const client = this.#needs.makeClient(host);
    client.on("error", () => {});
    const end = this.#hosts.begin(host);
    const limitMs = this.#needs.connectLimitMs();
    this.#connecting.add(client);
    const connecting = client.connect();
    unref(client);
    const tooLate = () =>
      Object.assign(new Error(`connecting took longer than ${limitMs} ms`), {
        code: "ETIMEDOUT",
        syscall: "connect",
      });
    try {
      await withTimeout(connecting, limitMs, tooLate, { keepsProcess: false });
      if (this.#isResting) throw new Error("nobody needs it any more");
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    } finally {
      this.#connecting.delete(client);
      end();
    }
    this.#clients.set(host, client);
    client.on("end", () => this.#clients.get(host) === client && this.#clients.delete(host));
    return client;
  }

  #cut(host: Host): void {
    this.#clients.get(host)?.connection.stream.destroy();
    this.#clients.delete(host);
  }

  async #ask(client: pg.Client): Promise<Row> {
    const silent = () => Object.assign(new Error("no answer"), { code: "ETIMEDOUT", syscall: "read" });
    const { rows } = await withTimeout(this.#firstAnswer(client), ANSWER_LIMIT_MS, silent, {
      keepsProcess: false,
    });
    return rows[0] ?? { standby: false };
  }

  async #firstAnswer(client: pg.Client): Promise<pg.QueryResult<Row>> {
    const first = this.#firstLook.get(client) ?? 0;
    for (let look = first; ; look++) {
      try {
        return await client.query<Row>(LOOKS[look] ?? "");
      } catch (error) {
        if (!isStatementError(error) || look + 1 >= LOOKS.length) throw error;
        // Else its log would have a line of it each second.
        if (NEVER_ANSWERED.has(error.code)) this.#firstLook.set(client, look + 1);
      }
    }
  }
}
