import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { connectionOf } from "../clients/connection.ts";
import type { Figures } from "./figures.ts";
import { MAX } from "./throughput.ts";
import type { Effort } from "./work.ts";

const DEBIAN = "/usr/lib/postgresql";

/** pgbench on PATH, or where Debian puts it; the newest. */
export function findPgbench(): string | undefined {
  const debian = existsSync(DEBIAN)
    ? readdirSync(DEBIAN)
        .sort((one, other) => Number(other) - Number(one))
        .map((version) => join(DEBIAN, version, "bin"))
    : [];
  const directories = [...debian, ...(process.env.PATH ?? "").split(":")];
  return directories.map((directory) => join(directory, "pgbench")).find((path) => existsSync(path));
}

export function pgbenchVersion(): string | undefined {
  const program = findPgbench();
  return program === undefined
    ? undefined
    : execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
}

/**
 * Runs a script of pgbench's with as many connections as a pool has, on every core.
 *
 * @throws it could not; the message ends with what it said.
 */
export async function runPgbench(script: string, { measureMs }: Effort, url: string): Promise<Figures> {
  const program = findPgbench();
  if (program === undefined) throw new Error("pgbench is not installed");
  const directory = mkdtempSync(join(tmpdir(), "openhouse-pgbench-"));
  try {
    const file = join(directory, "script.sql");
    writeFileSync(file, script);
    const { host, port, user, password, database } = connectionOf(url);
    const seconds = Math.max(1, Math.round(measureMs / 1_000));
    const printed = await run(
      program,
      [
        ...["-n", "-M", "prepared", "-c", String(MAX), "-j", String(availableParallelism())],
        ...["-T", String(seconds), "-f", file, "-h", host, "-p", String(port), "-U", user, database],
      ],
      { PATH: process.env.PATH, PGPASSWORD: password, LC_ALL: "C" },
    );
    const perSecond = /^tps = ([\d.]+)/m.exec(printed)?.[1];
    const failed = /^number of failed transactions: (\d+)/m.exec(printed)?.[1] ?? "0";
    if (perSecond === undefined || failed !== "0") throw new Error(`pgbench said: ${lastOf(printed)}`);
    return { perSecond: Number(perSecond) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function lastOf(printed: string): string {
  return printed.slice(-300).replace(/\s+/g, " ").trim();
}

function run(
  program: string,
  args: readonly string[],
  env: Record<string, string | undefined>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        printed += String(chunk);
      });
    }
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`pgbench said: ${lastOf(printed)}`)),
    );
  });
}
