import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { LoadDatabase } from "./place/database.ts";

/** What was measured, and on what. */
export interface Machine {
  readonly processor: string;
  readonly memory: string;
  readonly node: string;
  readonly postgres: string;
  readonly loadAtStart: string;
  readonly commit: string;
}

export function describeMachine({ serverVersion, description }: LoadDatabase): Machine {
  return {
    processor: `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores for portal, server and generator together`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GB`,
    node: process.version,
    postgres: `${serverVersion}, ${description}`,
    loadAtStart: loadavg()[0]?.toFixed(2) ?? "",
    commit: commit(),
  };
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return (
      git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : ", edited since")
    );
  } catch {
    return "unknown";
  }
}
