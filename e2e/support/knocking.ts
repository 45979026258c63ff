import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** So that knocking is not the load, in milliseconds. */
const PAUSE_MS = 20;

/** One request on a connection of its own. Times are those of `performance.now()`. */
export interface Knock {
  /** When the connection was there; Infinity where it never was. */
  readonly connectedAtMs: number;
  readonly endedAtMs: number;
  /** A status, or an error's code. */
  readonly outcome: number | string;
}

/** Asks for `path` over and over, each time on a new connection, until connections are refused. */
export async function knockUntilRefused(url: string, path: string): Promise<Knock[]> {
  const knocks: Knock[] = [];
  for (;;) {
    const knock = await knockOnce(url + path);
    knocks.push(knock);
    if (knock.outcome === "ECONNREFUSED") return knocks;
    await sleep(PAUSE_MS);
  }
}

function knockOnce(url: string): Promise<Knock> {
  return new Promise((resolve) => {
    let connectedAtMs = Number.POSITIVE_INFINITY;
    const end = (outcome: number | string) =>
      resolve({ connectedAtMs, endedAtMs: performance.now(), outcome });
    const outgoing = request(url, { agent: false }, (incoming) => {
      incoming.once("error", () => end("cut off"));
      incoming.once("end", () => end(incoming.statusCode ?? 0));
      incoming.resume();
    });
    outgoing.once("socket", (socket) => {
      socket.once("connect", () => {
        connectedAtMs = performance.now();
      });
    });
    outgoing.once("error", (error) => end("code" in error ? String(error.code) : error.message));
    outgoing.end();
  });
}
