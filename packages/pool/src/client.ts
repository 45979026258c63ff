import { inspect } from "node:util";
import pg from "pg";

/**
 * A `pg.Client` that never takes the process down and shows no secret.
 *
 * A connection that dies while nobody waits for an answer emits 'error', and Node ends a process whose 'error' nobody
 * listens to. pg-pool takes its own listener off while a connection is checked out; this one stays for life.
 * The borrower learns of the loss from its next statement.
 */
export class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on("error", () => {});
  }

  toJSON(): object {
    return { status: this.getTransactionStatus() };
  }

  [inspect.custom](): string {
    return `Client { status: ${this.getTransactionStatus()} }`;
  }
}
