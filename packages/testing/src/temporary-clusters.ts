import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeOpenDirectory } from "./base-directory.ts";
import { clusterPaths } from "./cluster.ts";
import { isOwnerDead, ownerMark } from "./launcher.ts";
import { withLock } from "./lock.ts";
import { findPostmaster, stopPostmaster } from "./postmaster.ts";
import { processIdentity } from "./processes.ts";

/** A directory for a cluster of this process. Its name tells whose it is, so another process can judge it. */
export function temporaryDirectory(baseDirectory: string, name: string): string {
  const parent = makeOpenDirectory(join(baseDirectory, "temporary"));
  return join(parent, `${name}-${ownerMark()}-${randomBytes(4).toString("hex")}`);
}

/** Removes what dead processes left: their servers, should one still run, and their data. */
export async function sweepTemporaryClusters(baseDirectory: string): Promise<void> {
  const parent = makeOpenDirectory(join(baseDirectory, "temporary"));
  await withLock(join(parent, "lock"), async () => {
    for (const name of readdirSync(parent).filter(isOwnerDead)) {
      const paths = clusterPaths(join(parent, name));
      const orphan = findPostmaster(paths.data);
      if (orphan !== null) await stopPostmaster(orphan.pid, "immediate");
      try {
        removeTree(paths.directory);
      } catch {
        // An initdb without its launcher can still be writing; the next start finds it.
      }
    }
  });
}

const alive = new Map<string, () => number>();

/**
 * Removes the cluster when this process exits without having stopped it, as after an interrupt.
 * An exit hook cannot wait, so it looks until the server is gone, 2 s at most.
 */
export function removeAtExit(directory: string, currentPid: () => number): void {
  if (alive.size === 0) process.once("exit", removeAll);
  alive.set(directory, currentPid);
}

export function removeNow(directory: string): void {
  alive.delete(directory);
  if (alive.size === 0) process.off("exit", removeAll);
  removeTree(directory);
}

function removeAll(): void {
  for (const [directory, currentPid] of alive) {
    const pid = currentPid();
    const deadline = Date.now() + 2_000;
    try {
      process.kill(pid, "SIGQUIT");
      while (processIdentity(pid) !== null && Date.now() < deadline) pauseMs(5);
      removeTree(directory);
    } catch {
      // It is gone, or the next start sweeps it.
    }
  }
}

function pauseMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function removeTree(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}
