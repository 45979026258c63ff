import type pg from "pg";

/** How long a test may take, in milliseconds. A live server answers an empty query in a round trip. */
const TEST_TIMEOUT_MS = 1_000;

/**
 * Whether the server still answers on this connection. An empty query costs the server nothing.
 * Waits a second at most; a silent peer is as good as none.
 */
export function ping(client: pg.ClientBase): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, TEST_TIMEOUT_MS, false);
    client.query("", (error: Error | null) => {
      clearTimeout(timer);
      resolve(error === null || error === undefined);
    });
  });
}
