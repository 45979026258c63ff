import type pg from "pg";
import { backendKey, connectionSettings, openCancelConnection } from "./pg-internals.ts";

/** How long the postmaster may take to receive a cancel request, in milliseconds. */
const CANCEL_TIMEOUT_MS = 1_000;

/**
 * Asks the server to cancel what runs on this connection, over a connection of its own, as the protocol wants it
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
 * The server does not say whether it did: the statement's own answer tells.
 *
 * @returns whether the request was delivered within a second.
 */
export function requestCancel(client: pg.Client): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = openCancelConnection(connectionSettings(client), backendKey(client));
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
