import {
  classifyError,
  connectClient,
  type DatabaseConfig,
  PoolConfigError,
  type PoolLoad,
} from "@openhouse/pool";
import { type CatalogFault, findCatalogFaults } from "@openhouse/pool/tenants";
import pg from "pg";
import { CannotLook } from "./finding.ts";

export interface ExaminationOptions {
  /** Reads the settings that are judged. @throws {PoolConfigError} with every fault of them */
  readonly settings: () => DatabaseConfig;
  /** @default "tenant_id" */
  readonly tenantColumn?: string | undefined;
  /** Drizzle's folder of migrations. */
  readonly migrations?: string | undefined;
  /** Processes that have a pool. @default 1 */
  readonly instances?: number | undefined;
  /** From when on a transaction is long, in milliseconds. @default 60_000 */
  readonly longTransactionMs?: number | undefined;
  /** How long one backend must have waited for another to be told, in milliseconds. @default 1_000 */
  readonly blockedMs?: number | undefined;
  /** From when on a standby is behind, in milliseconds. @default 5_000 */
  readonly lagMs?: number | undefined;
  /** What a running process says of its load. */
  readonly load?: PoolLoad | undefined;
  /** How long to watch pg_stat_activity for the load instead, in milliseconds. @default 0, not at all */
  readonly sampleMs?: number | undefined;
  /** @default Date.now */
  readonly now?: (() => number) | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * A table that somebody has locked is not waited for. Behind a pooler the setting would be another client's, so that it is made
 * where the server itself answers only.
 */
const BOUNDED = "select set_config('lock_timeout', '1s', false) where pg_backend_pid() = $1";

/** Why a URL did not lead to a connection. */
export interface ConnectFault {
  readonly variable: "DATABASE_URL" | "DATABASE_URL_OWNER";
  readonly kind: string;
  readonly sqlstate: string | undefined;
}

/** What checks look at: the settings, a connection of the portals' role, and one of whoever may see more. */
export class Examination {
  readonly options: ExaminationOptions;
  readonly settingsFaults: readonly string[];
  readonly connectFaults: readonly ConnectFault[];
  readonly #settings: DatabaseConfig | undefined;
  readonly #app: pg.Client | undefined;
  readonly #observer: pg.Client | undefined;
  #catalogFaults: Promise<CatalogFault[]> | undefined;

  private constructor(parts: {
    options: ExaminationOptions;
    settings?: DatabaseConfig | undefined;
    settingsFaults?: readonly string[];
    app?: pg.Client | undefined;
    observer?: pg.Client | undefined;
    connectFaults?: readonly ConnectFault[];
  }) {
    this.options = parts.options;
    this.settingsFaults = parts.settingsFaults ?? [];
    this.connectFaults = parts.connectFaults ?? [];
    this.#settings = parts.settings;
    this.#app = parts.app;
    this.#observer = parts.observer;
  }

  static async open(options: ExaminationOptions): Promise<Examination> {
    let settings: DatabaseConfig;
    try {
      settings = options.settings();
    } catch (error) {
      if (!(error instanceof PoolConfigError)) throw error;
      return new Examination({ options, settingsFaults: error.faults });
    }
    const connectFaults: ConnectFault[] = [];
    const app = await connect(settings.options).catch(noteFault("DATABASE_URL", connectFaults));
    const hasOwner = settings.owner.user !== settings.options.user;
    const owner = hasOwner
      ? await connect(settings.owner).catch(noteFault("DATABASE_URL_OWNER", connectFaults))
      : undefined;
    const observer = owner ?? (app && (await connect(settings.options)));
    await observer?.query(BOUNDED, [backendTold(observer)]);
    return new Examination({ options, settings, app, observer, connectFaults });
  }

  get settings(): DatabaseConfig {
    if (this.#settings === undefined) throw new CannotLook("the settings are wrong");
    return this.#settings;
  }

  /** As the portals' role. */
  get app(): pg.Client {
    if (this.#app === undefined) throw new CannotLook("DATABASE_URL leads to no connection");
    return this.#app;
  }

  /** A connection of the owner's, where there is one, who may see more; else one more of the portals' role. */
  get observer(): pg.Client {
    if (this.#observer === undefined) throw new CannotLook("neither URL leads to a connection");
    return this.#observer;
  }

  /** One more of the portals' role, or one to a replica; the caller ends it. */
  connect(options: DatabaseConfig["owner"] = this.settings.options): Promise<pg.Client> {
    return connect(options);
  }

  get now(): number {
    return (this.options.now ?? Date.now)();
  }

  get tenantColumn(): string {
    return this.options.tenantColumn ?? "tenant_id";
  }

  /** The role's name, quoted where it has to be. */
  get role(): string {
    return quoted(this.settings.options.user);
  }

  /** The database's, the same way. */
  get database(): string {
    return quoted(this.settings.options.database);
  }

  /** `alter role … in database … set`. */
  alterRole(setting: string): string {
    return `alter role ${this.role} in database ${this.database} set ${setting}`;
  }

  /** Whether the observer sees what other roles do; else the server shows it nulls. */
  async seesAll(): Promise<boolean> {
    const rows = await this.ask<{ sees: boolean }>(
      "select pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees",
    );
    return rows[0]?.sees === true;
  }

  /** @throws {CannotLook} the observer does not see what other roles do. */
  async needsToSeeAll(what: string): Promise<void> {
    if (!(await this.seesAll())) throw this.cannotSee(what);
  }

  cannotSee(what: string): CannotLook {
    const { user } = this.observer;
    return new CannotLook(
      `${user} does not see ${what} of other roles`,
      `grant pg_monitor to ${quoted(user ?? "")}, and give its URL as DATABASE_URL_OWNER`,
    );
  }

  /** As the observer. */
  async ask<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.observer.query<Row>(text, values)).rows;
  }

  /** Of the whole schema; asked once. */
  catalogFaults(): Promise<CatalogFault[]> {
    this.#catalogFaults ??= findCatalogFaults(this.observer, { tenantColumn: this.tenantColumn });
    return this.#catalogFaults;
  }

  async close(): Promise<void> {
    const open = new Set([this.#app, this.#observer].filter((client) => client !== undefined));
    await Promise.all([...open].map((client) => client.end().catch(() => {})));
  }
}

/** The backend that the server has told of, which behind a pooler is none. pg keeps it from its types. */
export function backendTold(client: pg.Client): number | null {
  return (client as unknown as { processID: number | null }).processID;
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name).replace(/^"([a-z_][a-z0-9_]*)"$/, "$1");
}

async function connect(options: DatabaseConfig["owner"]): Promise<pg.Client> {
  return await connectClient(options, (at) => {
    const client = new pg.Client({
      ...at,
      application_name: "openhouse-doctor",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
    });
    // A connection that dies rejects the statement under way; without a listener it would end the process as well.
    client.on("error", () => {});
    return client;
  });
}

function noteFault(variable: ConnectFault["variable"], faults: ConnectFault[]) {
  return (error: unknown): undefined => {
    const { kind, sqlstate } = classifyError(error);
    faults.push({ variable, kind, sqlstate });
  };
}
