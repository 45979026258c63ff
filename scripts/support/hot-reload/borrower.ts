import { asSuperuser, waitFor, withDatabase } from "@openhouse/pool-testing";
import type { DevPortal } from "./dev-portal.ts";
import type { Laboratory } from "./laboratory.ts";

const LOCK = 4_213_771;

/** A request that keeps a connection of the pool, inside of a transaction, until it is let go. */
export class Borrower {
  /** The backend that it keeps. */
  readonly pid: number;
  readonly #letGo: () => void;
  readonly #answer: Promise<number | undefined>;
  #answered = false;

  private constructor(pid: number, letGo: () => void, answer: Promise<number | undefined>) {
    this.pid = pid;
    this.#letGo = letGo;
    this.#answer = answer;
    const done = () => {
      this.#answered = true;
    };
    answer.then(done, done);
  }

  static async start({ serverUrl, watch }: Laboratory, portal: DevPortal): Promise<Borrower> {
    const holder = await holdLock(withDatabase(serverUrl, portal.database));
    const answer = portal.borrow(LOCK);
    answer.catch(() => {}); // told by finish()
    try {
      const [pid = 0] = await waitFor(
        async () => {
          const waiting = await watch.waitingForLock(portal.database);
          return waiting.length > 0 && waiting;
        },
        { timeoutMs: 10_000, what: `a request of the ${portal.name} to keep a connection` },
      );
      return new Borrower(pid, holder.letGo, answer);
    } catch (error) {
      holder.letGo();
      throw error;
    }
  }

  get isUnderWay(): boolean {
    return !this.#answered;
  }

  /**
   * Lets the request come to its end. May be called again.
   *
   * @returns the pid of the backend that served its last statement.
   * @throws {Error} the request failed.
   */
  finish(): Promise<number | undefined> {
    this.#letGo();
    return this.#answer;
  }
}

/** Takes the lock in this database, and keeps it until `letGo()`. */
async function holdLock(databaseUrl: string): Promise<{ letGo(): void }> {
  let letGo = () => {};
  const over = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await new Promise<void>((resolve, reject) => {
    asSuperuser(databaseUrl, async (client) => {
      await client.query("select pg_advisory_lock($1)", [LOCK]);
      resolve();
      await over;
    }).catch(reject);
  });
  return { letGo };
}
