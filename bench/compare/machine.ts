import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { peerVersion } from "../clients/peer.ts";
import { pgbenchVersion } from "./pgbench.ts";
import { type Place, SERVER_SETTINGS } from "./place.ts";

/** What was measured, and on what. */
export function describeMachine(place: Place): Record<string, string> {
  const version = (name: string): string =>
    JSON.parse(readFileSync(join(repositoryRoot(), "node_modules", name, "package.json"), "utf8")).version;
  const settings = Object.entries(SERVER_SETTINGS).map(([name, value]) => `${name}=${value}`);
  return {
    processor: `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores for server and client together`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GB`,
    system: `${platform()} ${release()}`,
    "load at the start": loadavg()
      .map((each) => each.toFixed(2))
      .join(" "),
    commit: commit(),
    node: process.version,
    PostgreSQL: `${place.serverVersion}, on loopback; fsync=off ${settings.join(" ")}`,
    pgbench: pgbenchVersion() ?? "not installed: raw pg with named statements on every core instead",
    pg: version("pg"),
    "drizzle-orm": version("drizzle-orm"),
    kysely: version("kysely"),
    "postgres.js": peerVersion("postgres") ?? "not installed",
    Prisma: peerVersion("@prisma/client") ?? "not installed",
    "@prisma/adapter-pg": peerVersion("@prisma/adapter-pg") ?? "not installed",
  };
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const edited = git("status", "--porcelain", "--", "packages") === "" ? "" : ", packages edited since";
    return git("rev-parse", "--short", "HEAD") + edited;
  } catch {
    return "unknown";
  }
}
