import { execFileSync } from "node:child_process";
import { afterEach } from "vitest";

/** Stops processes where they stand: their sockets stay open and say nothing. Whatever is frozen thaws after the test. */
export function useFreezer() {
  const frozen: number[] = [];
  const thaw = () => {
    for (const pid of frozen.splice(0)) signal(pid, "SIGCONT");
  };
  afterEach(thaw);
  return {
    freeze(...pids: number[]) {
      for (const pid of pids) {
        frozen.push(pid);
        signal(pid, "SIGSTOP");
      }
    },
    thaw,
  };
}

/** A server's backends and helpers: each has a process group of its own, so the postmaster's does not reach them. */
export function childrenOf(parent: number): number[] {
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
