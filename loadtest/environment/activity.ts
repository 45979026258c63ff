import pg from "pg";

/** What `pg_stat_activity` showed at one moment of the portal's role on its database. */
export interface Activity {
  /** As `Date.now()` has it. */
  readonly at: number;
  readonly connections: number;
  /** Backends that wait for a lock. */
  readonly lockWaits: number;
}

const EVERY_MS = 250;

/** Looks at the server four times a second on a connection of its own, and again when it is back from a restart. */
export class ActivityWatch {
  readonly samples: Activity[] = [];
  readonly #url: string;
  readonly #role: string;
  #client: pg.Client | undefined;
  #over = false;
  readonly #done: Promise<void>;

  constructor(watchUrl: string, appUrl: string) {
    this.#url = watchUrl;
    this.#role = decodeURIComponent(new URL(appUrl).username);
    this.#done = this.#watch();
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
    await this.#client?.end().catch(() => {});
  }

  async #watch(): Promise<void> {
    while (!this.#over) {
      try {
        this.#client ??= await connected(this.#url);
        const { rows } = await this.#client.query<Omit<Activity, "at">>(ACTIVITY, [this.#role]);
        if (rows[0]) this.samples.push({ at: Date.now(), ...rows[0] });
      } catch {
        this.#client?.end().catch(() => {}); // it restarts
        this.#client = undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}

const ACTIVITY = `
  select count(*)::int as connections, count(*) filter (where wait_event_type = 'Lock')::int as "lockWaits"
    from pg_stat_activity
   where datname = current_database() and usename = $1 and pid <> pg_backend_pid()`;

async function connected(connectionString: string): Promise<pg.Client> {
  const name = { application_name: "openhouse-loadtest", connectionTimeoutMillis: 2_000 };
  const client = new pg.Client({ connectionString, ...name });
  client.on("error", () => {});
  await client.connect();
  return client;
}
