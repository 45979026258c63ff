import type { Query, TenantDatabase } from "@openhouse/db/client";

interface Asked {
  readonly query: Query<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * A tenant's database for one request: the queries that it is asked in the same turn of the event loop go out together, in one
 * flight on one connection. Where one of them fails, all that went with it have failed.
 */
export class Flight {
  readonly db: TenantDatabase;
  #asked: Asked[] = [];

  constructor(db: TenantDatabase) {
    this.db = db;
  }

  /** @param query built on `db`, and not awaited. It reads. */
  ask<T>(query: Query<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#asked.push({ query, resolve: resolve as Asked["resolve"], reject });
      // Behind what is still to run of this turn: the layout, the page and its title each ask for their own.
      if (this.#asked.length === 1) setImmediate(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    try {
      const results = await this.#resultsOf(asked.map(({ query }) => query));
      for (const [index, { resolve }] of asked.entries()) resolve(results[index]);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  async #resultsOf(queries: readonly Query<unknown>[]): Promise<readonly unknown[]> {
    const [only] = queries;
    return queries.length === 1 ? [await only] : await this.db.batch(queries);
  }
}
