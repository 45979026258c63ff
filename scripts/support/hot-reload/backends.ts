import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const SAMPLE_EVERY_MS = 20;

/** What the health probe's connection of its own has said last; the pool's connections never say it. */
const PROBE_STATEMENT = "select 1";

/** The server's processes that serve one portal. */
export interface Backends {
  /** Of the pool: their pids. */
  readonly pooled: readonly number[];
  /** Of the health probe, which has one connection beside the pool: their pids. */
  readonly probes: readonly number[];
}

/**
 * Counts the backends that portals have, in `pg_stat_activity`. Each portal has a database of its own; whoever else
 * looks into that database does so as another role.
 */
export class BackendWatch {
  readonly #role: string;
  readonly #client: pg.Client;
  readonly #sampler: pg.Client;
  readonly #peaks = new Map<string, number>();
  #sampling: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(serverUrl: string, role: string) {
    this.#role = role;
    this.#client = new pg.Client({ connectionString: serverUrl });
    this.#sampler = new pg.Client({ connectionString: serverUrl });
  }

  /** @param role that the portals use. */
  static async open(serverUrl: string, role: string): Promise<BackendWatch> {
    const watch = new BackendWatch(serverUrl, role);
    await Promise.all([watch.#client.connect(), watch.#sampler.connect()]);
    watch.#sampling = watch.#sample();
    watch.#sampling.catch(() => {}); // told by close()
    return watch;
  }

  /** Those there are at this moment. */
  async of(database: string): Promise<Backends> {
    const { rows } = await this.#client.query<{ pid: number; query: string }>(
      "select pid, query from pg_stat_activity where datname = $1 and usename = $2",
      [database, this.#role],
    );
    const pids = (wanted: boolean) =>
      rows.filter(({ query }) => (query === PROBE_STATEMENT) === wanted).map(({ pid }) => pid);
    return { pooled: pids(false), probes: pids(true) };
  }

  /** Those that wait for a lock. */
  async waitingForLock(database: string): Promise<number[]> {
    const { rows } = await this.#client.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = $1 and usename = $2 and wait_event_type = 'Lock'",
      [database, this.#role],
    );
    return rows.map(({ pid }) => pid);
  }

  /** The most at any time since `resetPeaks()`, pool and probe together, looked at all the while. */
  peakOf(database: string): number {
    return this.#peaks.get(database) ?? 0;
  }

  resetPeaks(): void {
    this.#peaks.clear();
  }

  /** @throws what made the watch end before. */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.#sampling;
    } finally {
      await Promise.all([this.#client.end(), this.#sampler.end()]);
    }
  }

  async #sample(): Promise<void> {
    while (!this.#closed) {
      const { rows } = await this.#sampler.query<{ database: string; count: number }>(
        "select datname as database, count(*)::int as count from pg_stat_activity where usename = $1 group by datname",
        [this.#role],
      );
      for (const { database, count } of rows) {
        this.#peaks.set(database, Math.max(this.peakOf(database), count));
      }
      await sleep(SAMPLE_EVERY_MS);
    }
  }
}
