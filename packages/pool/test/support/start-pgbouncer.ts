import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import type { PoolOptions } from "../../src/config/options.ts";

const PROGRAM = "/usr/sbin/pgbouncer";
/** `nobody`: PgBouncer does not run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** A PgBouncer on 127.0.0.1 in front of a server. */
export interface PgBouncer {
  readonly port: number;
  /** A command of its console, such as `pause`. */
  command(text: string): Promise<void>;
  stop(): Promise<void>;
}

/** @param settings lines of its section [pgbouncer]. */
export async function startPgBouncer(
  { host = "", port: serverPort = 0, user = "", password }: PoolOptions,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<PgBouncer> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there: install Debian's package pgbouncer`);
  const directory = mkdtempSync(join(tmpdir(), "pgbouncer-"));
  chmodSync(directory, 0o755);
  const port = await findFreePort();
  writeFileSync(join(directory, "users.txt"), `"${user}" "${String(password)}"\n`);
  const lines = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "plain",
    auth_file: join(directory, "users.txt"),
    admin_users: user,
    ...settings,
  };
  const section = Object.entries(lines).map(([name, value]) => `${name}=${value}`);
  const file = join(directory, "pgbouncer.ini");
  writeFileSync(
    file,
    ["[databases]", `* = host=${host} port=${serverPort}`, "[pgbouncer]", ...section, ""].join("\n"),
  );
  const child = spawn(PROGRAM, [file], { stdio: "ignore", ...(process.getuid?.() === 0 && NOBODY) });
  const stop = async () => {
    await ended(child);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await waitFor(() => listens(port), { what: "PgBouncer to listen" });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    async command(text) {
      const console = new pg.Client({ host: "127.0.0.1", port, user, password, database: "pgbouncer" });
      await console.connect();
      try {
        await console.query(text);
      } finally {
        await console.end();
      }
    },
    stop,
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
