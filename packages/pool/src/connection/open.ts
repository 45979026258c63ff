import type pg from "pg";

export interface OpenOptions {
  /** Hard limit over connecting and hooks, in milliseconds. */
  readonly limitMs: number;
  readonly onConnect?: ((client: pg.PoolClient) => unknown) | undefined;
  readonly verify?: pg.PoolConfig["verify"];
}

/**
 * Opens one connection and runs the hooks on it. At the limit, also when a hook hangs, its socket is cut.
 *
 * @throws what connecting or a hook has thrown; an `Error` with `code` ETIMEDOUT at the limit.
 */
export async function openConnection(
  client: pg.PoolClient,
  { limitMs, onConnect, verify }: OpenOptions,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`connecting took longer than ${limitMs} ms`);
      reject(Object.assign(error, { code: "ETIMEDOUT", syscall: "connect" }));
    }, limitMs);
  });
  try {
    await Promise.race([prepare(client, onConnect, verify), limit]);
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function prepare(
  client: pg.PoolClient,
  onConnect: OpenOptions["onConnect"],
  verify: OpenOptions["verify"],
): Promise<void> {
  await client.connect();
  await onConnect?.(client);
  if (verify === undefined) return;
  await new Promise<void>((resolve, reject) => {
    verify(client, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
