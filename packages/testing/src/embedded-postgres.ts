import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defaultBaseDirectory, makeOpenDirectory } from "./base-directory.ts";
import { installBinaries } from "./binaries.ts";
import { assertSameVersion, clusterPaths, createCluster } from "./cluster.ts";
import { claimLauncher, liveLauncher } from "./launcher.ts";
import { withLock } from "./lock.ts";
import { findPostmaster, type Postmaster, stopPostmaster } from "./postmaster.ts";
import { RunningServer, SharedServer } from "./running-server.ts";
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./server-types.ts";
import { assertCanEnter, serverUser } from "./server-user.ts";
import { sweepTemporaryClusters, temporaryDirectory } from "./temporary-clusters.ts";
import { waitFor } from "./wait-for.ts";

/**
 * Starts a server, or joins the one that another live process of this checkout has started. The server
 * does not outlive this process, even when it is killed with -9.
 *
 * Everything up to "takes connections" happens under the cluster's lock, so of two that start at once
 * the second finds the first's server running. Whose it is, launcher.json decides: it is written
 * before the server starts, so a server whose launcher is not alive is an orphan, about to be
 * stopped by its guard, and nobody may join it; it is stopped here and started anew.
 *
 * @throws {EmbeddedPostgresError} see `EmbeddedPostgresErrorCode`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = serverUser();
  const base = makeOpenDirectory(options.baseDirectory ?? defaultBaseDirectory());
  assertCanEnter(user, base);
  const binaries = await installBinaries(base, options.binariesPackage);
  const temporary = options.temporary ?? options.name !== "dev";
  await sweepTemporaryClusters(base);

  const directory = temporary ? temporaryDirectory(base, options.name) : join(base, options.name);
  const paths = clusterPaths(directory);
  return withLock(`${directory}.lock`, async () => {
    const launcher = liveLauncher(paths.launcher);
    const found = launcher === null ? findPostmaster(paths.data) : await settledPostmaster(paths.data);
    if (found !== null) {
      if (launcher !== null) return new SharedServer(paths, found, launcher);
      await stopPostmaster(found.pid, "fast");
    }
    if (!existsSync(paths.data)) await createCluster(directory, binaries, user, { durable: !temporary });
    assertSameVersion(paths, binaries);
    claimLauncher(paths.launcher);
    return RunningServer.start({ paths, binaries, user, temporary, options });
  });
}

/** A live launcher's server, once it takes connections: it may be recovering from a crash of one of its backends. */
async function settledPostmaster(data: string): Promise<Postmaster | null> {
  const what = "the server of another process to take connections";
  await waitFor(() => findPostmaster(data)?.ready !== false, { timeoutMs: 60_000, what });
  return findPostmaster(data);
}

/**
 * Removes a cluster with its data, and its orphaned server should there be one.
 *
 * @returns false, and nothing was removed, when a live process runs a server on it.
 */
export async function removeEmbeddedPostgres({
  baseDirectory = defaultBaseDirectory(),
  name,
}: Pick<EmbeddedPostgresOptions, "baseDirectory" | "name">): Promise<boolean> {
  const paths = clusterPaths(join(makeOpenDirectory(baseDirectory), name));
  return withLock(`${paths.directory}.lock`, async () => {
    const found = findPostmaster(paths.data);
    if (found !== null) {
      if (liveLauncher(paths.launcher) !== null) return false;
      await stopPostmaster(found.pid, "immediate");
    }
    rmSync(paths.directory, { recursive: true, force: true });
    return true;
  });
}
