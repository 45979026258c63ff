import { execFileSync } from "node:child_process";
import type { EmbeddedPostgres } from "@openhouse/pool-testing";

/** Stops processes where they stand: their sockets stay open and say nothing. @returns lets them go on. */
export function freeze(pids: readonly number[]): () => void {
  for (const pid of pids) signal(pid, "SIGSTOP");
  return () => {
    for (const pid of pids) signal(pid, "SIGCONT");
  };
}

/** The postmaster first: it would start others meanwhile. */
export function freezeServer({ pid }: EmbeddedPostgres): () => void {
  const thaw = freeze([pid]);
  const thawChildren = freeze(childrenOf(pid));
  return () => {
    thaw();
    thawChildren();
  };
}

/** A server's backends and helpers: each has a process group of its own, so the postmaster's does not reach them. */
function childrenOf(parent: number): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

/** A backend may end while it is frozen: the postmaster kills what does not answer. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
