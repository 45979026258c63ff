import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";
import { isAlive, isReady, ref, whenReady } from "../pg/internals.ts";
import { cancellationsSettled, requestCancel } from "../query/cancel-request.ts";

/** How long a server may take to close a connection after our goodbye, in milliseconds. */
const TERMINATE_TIMEOUT_MS = 1_000;

/**
 * Closes a connection, and resolves when its socket is closed. A server that works for it is asked to stop, and not waited
 * for; one that does not answer a goodbye is cut off.
 *
 * @param onCancelling is told when the server still works for it, and when it has been told to stop.
 */
export async function closeConnection(
  client: pg.PoolClient,
  onCancelling: (isCancelling: boolean) => void,
): Promise<void> {
  if (isAlive(client) && !isReady(client)) {
    onCancelling(true);
    // A statement that has ended by itself needs no request any more.
    const canceled = requestCancel(client);
    await Promise.race([canceled, whenReady(client).then((isOver) => isOver || canceled)]);
    client.connection.stream.destroy();
    onCancelling(false);
  } else {
    ref(client); // else nothing might keep the process until whoever awaits the end has heard of it
    const ended = client.end();
    await withTimeout(ended, TERMINATE_TIMEOUT_MS, () => new Error("no goodbye")).catch(() =>
      client.connection.stream.destroy(),
    );
    await ended;
  }
  await cancellationsSettled(client); // a caller may have aborted a statement while its connection was being closed
}
