import type pg from "pg";
import { withTimeout } from "../async/with-timeout.ts";

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
  const onTimeout = () =>
    Object.assign(new Error(`connecting took longer than ${limitMs} ms`), {
      code: "ETIMEDOUT",
      syscall: "connect",
    });
  try {
    await withTimeout(prepare(client, onConnect, verify), limitMs, onTimeout);
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
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
