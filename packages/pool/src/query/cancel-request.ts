import type pg from "pg";
import { isAlive, openCancelConnection } from "../pg/internals.ts";

/** How long the postmaster may take to receive a cancel request, in milliseconds. */
const CANCEL_TIMEOUT_MS = 1_000;

const underWay = new WeakMap<pg.ClientBase, Promise<unknown>>();

/**
 * Asks the server to cancel what runs on this connection, over a connection of its own, as the protocol wants it
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
 * The server does not say whether it did: the statement's own answer tells.
 *
 * @returns whether the request was delivered within a second; false without a request where the connection is gone.
 */
export function requestCancel(client: pg.Client): Promise<boolean> {
  if (!isAlive(client)) return Promise.resolve(false);
  const request = deliver(client);
  underWay.set(client, Promise.all([underWay.get(client), request]));
  return request;
}

/** Resolves when no request to cancel something on this connection is under way, a second at most after the last one. */
export async function cancellationsSettled(client: pg.ClientBase): Promise<void> {
  await underWay.get(client);
}

function deliver(client: pg.Client): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = openCancelConnection(client);
    const settle = (delivered: boolean) => {
      clearTimeout(timer);
      connection.stream.destroy();
      resolve(delivered);
    };
    const timer = setTimeout(settle, CANCEL_TIMEOUT_MS, false);
    connection.on("end", () => settle(true)); // the server hangs up when it has acted
    connection.on("error", () => settle(false));
  });
}
