import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { EmbeddedPostgresError } from "./embedded-error.ts";

export const LOOPBACK = "127.0.0.1";

/** Whether nobody listens on this port of the loopback interface. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: LOOPBACK, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A port that is free now. Below the range that the system takes ports of outgoing connections from
 * (32768 up on Linux): out of that range, a server that is down for a moment finds its port given to
 * a client, or a client that tries to reach it connects to itself.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_PORT_TAKEN`: 200 ports were tried, none was free.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(15_000, 32_000);
    if (await isPortFree(port)) return port;
  }
  throw new EmbeddedPostgresError("POSTGRES_PORT_TAKEN", "No free port was found between 15000 and 31999.");
}
