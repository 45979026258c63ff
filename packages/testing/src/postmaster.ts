import { closeSync, openSync, readSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { type ClusterPaths, serverEnvironment } from "./cluster.ts";
import { EmbeddedPostgresError } from "./embedded-error.ts";
import { spawnGuarded } from "./guard.ts";
import { isPortFree } from "./ports.ts";
import { isPostmasterOf, isSameProcess, processIdentity } from "./processes.ts";
import { readIfThere } from "./server-files.ts";
import type { ServerUser } from "./server-user.ts";
import { waitFor } from "./wait-for.ts";

export type StopMode = "smart" | "fast" | "immediate";

const STOP_SIGNALS = { smart: "SIGTERM", fast: "SIGINT", immediate: "SIGQUIT" } as const;
const LOG_LIMIT_BYTES = 5_000_000;

/** What a running server writes into its data directory about itself. */
export interface Postmaster {
  pid: number;
  port: number;
  /** It takes connections. */
  ready: boolean;
}

function readPostmaster(data: string): Postmaster | null {
  const lines = readIfThere(join(data, "postmaster.pid"))?.split("\n");
  if (lines === undefined) return null;
  return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
}

/** The server that runs on this data, or `null`. A pid file left over by a power cut is no server. */
export function findPostmaster(data: string): Postmaster | null {
  const postmaster = readPostmaster(data);
  return postmaster !== null && isPostmasterOf(postmaster.pid, data) ? postmaster : null;
}

/**
 * Ends the server and waits until it is gone. One that does not end in time is ended harder:
 * it would keep the data directory from the next start.
 */
export async function stopPostmaster(pid: number, mode: StopMode, timeoutMs = 30_000): Promise<void> {
  const identity = processIdentity(pid);
  if (identity === null) return;
  const gone = () => !isSameProcess(pid, identity);
  const signals = [STOP_SIGNALS[mode], "SIGQUIT", "SIGKILL"] as const;
  for (const signal of signals) {
    send(pid, signal);
    try {
      await waitFor(gone, { timeoutMs, what: `the Postgres server ${pid} to end after ${signal}` });
      return;
    } catch (error) {
      if (signal === "SIGKILL") throw error;
    }
  }
}

/** Kills the server with -9 and waits until it is gone. */
export async function killPostmaster(pid: number): Promise<void> {
  const identity = processIdentity(pid);
  if (identity === null) return;
  send(pid, "SIGKILL");
  await waitFor(() => !isSameProcess(pid, identity), { what: `the Postgres server ${pid} to be gone` });
}

/**
 * Starts the server on configured data and waits until it takes connections; crash recovery included.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_PORT_TAKEN`: another program listens there.
 *   `POSTGRES_BUSY`: a server runs on this data already. `POSTGRES_START`: anything else; the message ends with what the server said.
 */
export async function launchPostmaster(
  paths: ClusterPaths,
  binaries: Binaries,
  user: ServerUser,
  port: number,
): Promise<number> {
  const other = findPostmaster(paths.data);
  if (other !== null) {
    throw new EmbeddedPostgresError(
      "POSTGRES_BUSY",
      `Another server, process ${other.pid}, runs on ${paths.data}.`,
    );
  }
  disownPidFile(paths.data);
  const deadline = performance.now() + 20_000;
  for (;;) {
    const { pid, said } = await launchOnce(paths, binaries, user);
    if (pid !== null) return pid;
    if (!(await isPortFree(port))) {
      throw new EmbeddedPostgresError("POSTGRES_PORT_TAKEN", `Another program listens on port ${port}.`);
    }
    // Backends of a server killed with -9 live on for a moment and hold its shared memory.
    const held = said.includes("shared memory block") && said.includes("still in use");
    if (held && performance.now() < deadline) continue;
    throw new EmbeddedPostgresError("POSTGRES_START", `Postgres did not start on ${paths.data}:\n${said}`);
  }
}

async function launchOnce(
  paths: ClusterPaths,
  binaries: Binaries,
  user: ServerUser,
): Promise<{ pid: number | null; said: string }> {
  const log = openLog(paths.log);
  const from = statSync(paths.log).size;
  const server = await spawnGuarded({
    command: binaries.postgres,
    args: ["-D", paths.data],
    signal: "INT",
    env: serverEnvironment(),
    cwd: "/",
    user,
    output: log,
  }).finally(() => closeSync(log));

  // Who forgets to stop the server can still end, and the server with them.
  server.unref();
  let ended = false;
  server.exited.then(() => {
    ended = true;
  });
  const isReady = () => {
    const postmaster = readPostmaster(paths.data);
    return postmaster?.pid === server.pid && postmaster.ready;
  };
  await waitFor(() => ended || isReady(), { timeoutMs: 300_000, what: "Postgres to take connections" });
  return ended ? { pid: null, said: readFrom(paths.log, from) } : { pid: server.pid, said: "" };
}

/**
 * A pid file names a process that is not our server when its number was given away again, as after a
 * power cut. Postgres would refuse to start while that process lives. The file stays, with a number
 * that no process has: its other lines let Postgres find backends that still use the shared memory.
 */
function disownPidFile(data: string): void {
  const path = join(data, "postmaster.pid");
  const content = readIfThere(path);
  if (content === null) return;
  const NO_PROCESS = "2147483646";
  writeFileSync(path, content.replace(/^\d+/, NO_PROCESS));
}

function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

function readFrom(path: string, from: number): string {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(16_000);
    return buffer.toString("utf8", 0, readSync(file, buffer, 0, buffer.length, from)).trim();
  } finally {
    closeSync(file);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
