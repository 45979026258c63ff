import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type FaultProxy, startFaultProxy, waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { disconnect } from "../../src/client.ts";
import { allowEverything, createTenantDatabase, type TenantDatabase } from "../support/database.ts";
import { HARBOUR, NORTHGATE, testSigning } from "../support/tenants.ts";
import { keepCalling, ORDINARY_TURNS } from "./callers.ts";
import { keepBurning } from "./fire.ts";
import { HOSTILE_TURNS } from "./hostile.ts";
import { Ledger } from "./ledger.ts";
import { randomFrom } from "./random.ts";
import { countStatements } from "./statement-count.ts";

const MAX = 8;
/** More than there are connections, so that each goes from hand to hand. */
const CALLERS = 3 * MAX;
/** How often it is asked whether a round is over, in milliseconds. */
const LOOK_MS = 20;
/** Seeds of rounds and of their callers are apart by so much. */
const SEEDS_A_ROUND = 1_000;

/** As whom the callers connect. Row-level security is made for `app`. */
export type Role = "app" | "owner" | "superuser";

export interface Weather {
  /** How many turns callers take between two faults, at most. */
  readonly calmTurns: number;
  /** How many of the turns that take long, or cost a connection, are taken: 0 to 1. */
  readonly costlyTurns: number;
  /** How many times, at most, a turn does what it may do more than once. */
  readonly staying: number;
}

/** A fault every few turns: it is to be seen what becomes of writes. */
export const STORM: Weather = { calmTurns: 24, costlyTurns: 1, staying: 2 };
/** A fault in some hundred turns, between which callers get on. */
export const CLEAR: Weather = { calmTurns: 1_000, costlyTurns: 0.02, staying: 12 };

/** What was wrong after a round, beside what the ledger has been told meanwhile. */
export interface Findings {
  /** Writes that are not what their caller was told. */
  readonly wrong: readonly string[];
  /** Whether rows that nobody is to write are as they were. */
  readonly othersAreUntouched: boolean;
}

/** A database with tenants, a network to it that can fail, and the callers' ledger. */
export class FireSite {
  readonly ledger = new Ledger();
  readonly #database: TenantDatabase;
  readonly #superuser: pg.Client;
  readonly #proxy: FaultProxy;
  readonly #tenantIds: readonly string[];
  readonly #url: string;
  readonly #stopCounting: () => void;
  #round = 0;

  private constructor(
    database: TenantDatabase,
    superuser: pg.Client,
    proxy: FaultProxy,
    { tenantIds, role }: { tenantIds: readonly string[]; role: Role },
  ) {
    this.#database = database;
    this.#superuser = superuser;
    this.#proxy = proxy;
    this.#tenantIds = tenantIds;
    const { appUrl, ownerUrl, superuserUrl } = database;
    this.#url = { app: appUrl, owner: ownerUrl, superuser: superuserUrl }[role];
    this.#stopCounting = countStatements(this.ledger, superuser);
  }

  static async prepare(role: Role = "app"): Promise<FireSite> {
    const tenantIds = [HARBOUR, NORTHGATE, ...Array.from({ length: 4 }, () => randomUUID())];
    const database = await createTenantDatabase();
    const superuser = new pg.Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    await allowEverything(superuser);
    for (const tenantId of tenantIds.slice(2)) {
      await superuser.query("insert into tenants (tenant_id, name, slug) values ($1, $2, $2)", [
        tenantId,
        `fire ${tenantId}`,
      ]);
    }
    const { hostname, port } = new URL(database.appUrl);
    const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
    return new FireSite(database, superuser, proxy, { tenantIds, role });
  }

  /** What the portals' settings have to be. */
  get environment(): Record<string, string> {
    return {
      DATABASE_URL: this.#proxy.url(this.#url),
      TENANT_SIGNING_KEY: testSigning().signingKey,
      DB_POOL_MAX: String(MAX),
      DB_POOL_CONN_TIMEOUT_MS: "3000",
      DB_QUERY_TIMEOUT_MS: "800",
    };
  }

  /** Has callers, every other one an attacker, take turns under fire until `over`, and looks at what they have written. */
  async burn(
    seed: number,
    { calmTurns, costlyTurns, staying }: Weather,
    over: () => boolean,
  ): Promise<Findings> {
    const { ledger } = this;
    const signing = testSigning();
    const before = await this.#othersRows();
    const seeds = seed + SEEDS_A_ROUND * this.#round++;
    let isOver = false;
    const stopped = () => isOver;
    const fire = keepBurning(
      {
        server: this.#superuser,
        proxy: this.#proxy,
        random: randomFrom(seeds),
        turns: () => ledger.turns,
        calmTurns,
        user: this.#user,
        count: (fault) => ledger.count(fault),
      },
      stopped,
    );
    const callers = Array.from({ length: CALLERS }, (_, index) => {
      const random = randomFrom(seeds + index + 1);
      const turns = index % 2 === 0 ? ORDINARY_TURNS : HOSTILE_TURNS;
      const around = { ledger, tenantIds: this.#tenantIds, signing, random, costlyTurns, staying };
      return keepCalling(turns, around, stopped);
    });
    while (!over()) await pause(LOOK_MS);
    isOver = true;
    await fire;
    await Promise.all(callers);
    const areDone = await waitFor(() => this.#noneWorking(), {
      timeoutMs: 5_000,
      what: "no backend to work",
    }).then(
      () => true,
      () => false,
    );
    const wrong = await ledger.wrong(this.#superuser);
    const othersAreUntouched = JSON.stringify(await this.#othersRows()) === JSON.stringify(before);
    if (!areDone) {
      ledger.left.push("a statement, or a transaction, that nobody has ended");
      return { wrong, othersAreUntouched }; // what it has locked cannot be deleted
    }
    await this.#superuser.query("delete from developments where name like 'fire-%'");
    ledger.forgetWrites();
    return { wrong, othersAreUntouched };
  }

  async close(): Promise<void> {
    await disconnect();
    this.#stopCounting();
    await this.#proxy.close();
    await this.#superuser.end();
    await this.#database.drop();
  }

  get #user(): string {
    return new URL(this.#url).username;
  }

  /** What nobody is to write: rows that are not of the fire. */
  async #othersRows(): Promise<unknown[]> {
    const { rows } = await this.#superuser.query(
      "select tenant_id, id, name, address from developments where name not like 'fire-%' order by 1, 2",
    );
    return rows;
  }

  /** A backend that was cut off may still be at work: what it commits is to be in the table when that is read. */
  async #noneWorking(): Promise<boolean> {
    const { rows } = await this.#superuser.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
        where usename = $1 and datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()`,
      [this.#user],
    );
    return rows[0]?.n === 0;
  }
}
