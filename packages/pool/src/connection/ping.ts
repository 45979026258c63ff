import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";

/** How long a ping may take, in milliseconds. A live server answers an empty query in a round trip. */
const PING_TIMEOUT_MS = 1_000;

/** An empty query costs the server nothing. It has no other deadline, whose cancel request would hold up an answer that is late. */
const EMPTY = { text: "", query_timeout: 0 };

/** Whether the server still answers on this connection. Waits a second at most; a silent peer is as good as none. */
export function ping(client: pg.ClientBase): Promise<boolean> {
  const answer = client.query(EMPTY).then(() => true);
  return withTimeout(answer, PING_TIMEOUT_MS, () => new Error("no answer")).catch(() => false);
}
