import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnGuarded } from "./guard.ts";
import { findFreePort, LOOPBACK } from "./ports.ts";
import { giveTo, serverUser } from "./server-user.ts";
import { waitFor } from "./wait-for.ts";

export interface PgBouncerOptions {
  /** A URL of the server behind it; its role may sign in. */
  readonly target: string;
  readonly mode: "session" | "transaction" | "statement";
  /** Connections to the server for each role and database. @default 4 */
  readonly poolSize?: number;
  /** URLs of further roles that may sign in. */
  readonly roles?: readonly string[];
  /** Lines of its `[pgbouncer]` section, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PgBouncer on 127.0.0.1, as Debian installs it. */
export interface PgBouncer {
  readonly port: number;
  readonly pid: number;
  /** The same URL, through it. */
  through(url: string): string;
  /** Ends it at once, with all connections. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a PgBouncer on a free port. It ends with this process. As it refuses to run as root, root lends it the user that the
 * embedded server runs as.
 *
 * @throws {Error} it is not installed, or does not start: with what it has printed.
 */
export async function startPgBouncer({
  target,
  mode,
  poolSize = 4,
  roles = [],
  settings = {},
}: PgBouncerOptions): Promise<PgBouncer> {
  const user = serverUser();
  const port = await findFreePort();
  const directory = mkdtempSync(join(tmpdir(), "pgbouncer-"));
  const usersFile = join(directory, "users");
  const configFile = join(directory, "pgbouncer.ini");
  writeFileSync(usersFile, [target, ...roles].map(userLine).join(""), { mode: 0o600 });
  writeFileSync(configFile, configuration(target, { port, mode, poolSize, usersFile, settings }));
  for (const path of [directory, usersFile, configFile]) giveTo(user, path);

  let printed = "";
  const program = await spawnGuarded({
    command: "pgbouncer",
    args: [configFile],
    signal: "TERM",
    graceSeconds: 2,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    cwd: directory,
    user,
    output: "pipe",
  });
  program.unref();
  program.output?.on("data", (chunk: Buffer) => {
    printed = (printed + chunk).slice(-4_000);
  });
  let hasExited = false;
  const exited = program.exited.then(() => {
    hasExited = true;
    rmSync(directory, { recursive: true, force: true });
  });
  await waitFor(async () => hasExited || (await answers(port)), { what: "PgBouncer to listen" });
  if (hasExited) throw new Error(`PgBouncer does not start:\n${printed}`);
  return {
    port,
    pid: program.pid,
    through(url) {
      const own = new URL(url);
      own.hostname = LOOPBACK;
      own.port = String(port);
      return own.href;
    },
    async stop() {
      if (!hasExited) process.kill(program.pid, "SIGTERM");
      await exited;
    },
  };
}

interface Configured extends Required<Pick<PgBouncerOptions, "mode" | "poolSize" | "settings">> {
  readonly port: number;
  readonly usersFile: string;
}

function configuration(target: string, { port, mode, poolSize, usersFile, settings }: Configured): string {
  const server = new URL(target);
  const lines = {
    listen_addr: LOOPBACK,
    listen_port: String(port),
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: usersFile,
    pool_mode: mode,
    max_client_conn: "1000",
    default_pool_size: String(poolSize),
    server_login_retry: "1",
    ...settings,
  };
  const own = Object.entries(lines).map(([name, value]) => `${name}=${value}`);
  return ["[databases]", `* = host=${server.hostname} port=${server.port}`, "[pgbouncer]", ...own, ""].join(
    "\n",
  );
}

function userLine(url: string): string {
  const { username, password } = new URL(url);
  const quoted = [username, password].map((each) => `"${decodeURIComponent(each).replaceAll('"', '""')}"`);
  return `${quoted.join(" ")}\n`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.end());
  });
}
