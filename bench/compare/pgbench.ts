import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectionOf } from "../clients/connection.ts";
import type { Figures } from "./figures.ts";
import { MAX } from "./throughput.ts";
import type { RunOptions } from "./work.ts";

const DEBIAN = "/usr/lib/postgresql";

/** pgbench on PATH, or where Debian puts it; the newest. */
export function findPgbench(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  versions.sort((one, other) => Number(other) - Number(one));
  const directories = [
    ...versions.map((version) => join(DEBIAN, version, "bin")),
    ...(process.env.PATH ?? "").split(":"),
  ];
  return directories.map((directory) => join(directory, "pgbench")).find((path) => existsSync(path));
}

export function pgbenchVersion(): string | undefined {
  const program = findPgbench();
  return program && execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
}

/**
 * Runs a script of pgbench's with as many connections as a pool has, on every core.
 *
 * @throws it could not; the message ends with what it said.
 */
export async function runPgbench(script: string, { measureMs }: RunOptions, url: string): Promise<Figures> {
  const program = findPgbench();
  if (program === undefined) throw new Error("pgbench is not installed");
  const directory = mkdtempSync(join(tmpdir(), "openhouse-pgbench-"));
  try {
    const file = join(directory, "script.sql");
    writeFileSync(file, script);
    const { host, port, user, password, database } = connectionOf(url);
    const seconds = Math.max(1, Math.round(measureMs / 1_000));
    const args = [
      ...["-n", "-M", "prepared", "-c", String(MAX), "-j", String(availableParallelism())],
      ...["-T", String(seconds), "-f", file, "-h", host, "-p", String(port), "-U", user, database],
    ];
    const env = { ...process.env, PGPASSWORD: password, LC_ALL: "C" };
    const { stdout } = await promisify(execFile)(program, args, { env });
    const perSecond = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
    const failed = /^number of failed transactions: (\d+)/m.exec(stdout)?.[1] ?? "0";
    if (perSecond === undefined || failed !== "0") throw new Error(`pgbench said: ${stdout.slice(-300)}`);
    return { perSecond: Number(perSecond) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
