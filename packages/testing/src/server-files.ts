import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EmbeddedPostgresError } from "./embedded-error.ts";
import { giveTo, type ServerUser } from "./server-user.ts";

/**
 * Writes a file that only its owner can read, whatever the umask. An earlier one is removed first:
 * where the server's user owns the directory, the name could be a link to somewhere else.
 */
export function placeFile(path: string, content: string, user: ServerUser = null): void {
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode: 0o600, flag: "wx", flush: true });
  giveTo(user, path);
}

export interface ServerConfiguration {
  port: number;
  /** A cluster whose data nobody will miss: no fsync. */
  disposable: boolean;
  settings: Record<string, string>;
  hba: readonly string[];
  files: Record<string, string>;
}

/**
 * Writes openhouse.conf, pg_hba.conf and the caller's files into the data directory, anew at each start.
 * A file that postgresql.conf includes, not the command line, so that ALTER SYSTEM keeps its effect.
 */
export function configureServer(data: string, user: ServerUser, configuration: ServerConfiguration): void {
  const { port, disposable, settings, hba, files } = configuration;
  for (const [name, content] of Object.entries(files)) {
    if (name !== basename(name)) {
      throw new EmbeddedPostgresError("POSTGRES_DIRECTORY", `"${name}" must be a plain file name.`);
    }
    placeFile(join(data, name), content, user);
  }
  const all: Record<string, string> = {
    port: String(port),
    // IPv4 only: machines without IPv6 are common, and every address we hand out is this one.
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements and row values stay out of the log.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    ...(disposable ? DISPOSABLE : {}),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replace(/['\\]/g, "$&$&")}'`);
  placeFile(join(data, "openhouse.conf"), `${lines.join("\n")}\n`, user);
  // "all" databases are not what a standby streams from: that has a line of its own.
  const anybody = ["all", "replication"].map((what) => `host ${what} all 127.0.0.1/32 scram-sha-256`);
  const rules = [...hba, ...anybody];
  placeFile(join(data, "pg_hba.conf"), `${rules.join("\n")}\n`, user);
}

/** Safe against a server killed with -9, not against a power cut. synchronous_commit stays on: without it, that kill would lose commits. */
const DISPOSABLE = {
  fsync: "off",
  full_page_writes: "off",
  // Segments of a server killed with -9 lie in its data directory and go with it, not in /dev/shm for ever.
  dynamic_shared_memory_type: "mmap",
};

/** Reads a small file of ours; `null` when it is not there. */
export function readIfThere(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
