import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { copyRunningCluster } from "./base-backup.ts";
import { defaultBaseDirectory, makeOpenDirectory } from "./base-directory.ts";
import { installBinaries } from "./binaries.ts";
import { clusterPaths } from "./cluster.ts";
import { claimLauncher } from "./launcher.ts";
import { withLock } from "./lock.ts";
import { LOOPBACK } from "./ports.ts";
import { RunningServer } from "./running-server.ts";
import { placeFile } from "./server-files.ts";
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./server-types.ts";
import { serverUser } from "./server-user.ts";
import { asSuperuser } from "./superuser.ts";
import { temporaryDirectory } from "./temporary-clusters.ts";
import { waitFor } from "./wait-for.ts";

/** Kept by the primary for a standby that is behind, and by the standby once it is promoted. */
const WAL_KEEP_SIZE = "256MB";

/** One whose primary is gone looks for it again after that time, and may hear of its promotion only then; by default 5 s. */
const STANDBY = { hot_standby: "on", wal_retrieve_retry_interval: "200ms" };

export interface StandbyOptions
  extends Pick<EmbeddedPostgresOptions, "baseDirectory" | "binariesPackage" | "settings"> {
  /** Its application_name at the primary, for `synchronous_standby_names`. @default "standby" */
  name?: string;
}

/** A server that streams from a primary and takes reads until it is promoted. `restart` and `kill` are those of any server. */
export interface Standby extends EmbeddedPostgres {
  readonly name: string;
  /** Makes it a primary, and resolves once it takes writes. It waits for no synchronous standby from then on. */
  promote(): Promise<void>;
  /** Goes on receiving, and shows nothing of it: as a standby that lags. Resolves once nothing more is replayed. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** How far it has replayed: "0/3000148". */
  replayLsn(): Promise<string>;
  /** Waits until it has replayed what the primary has written by the time of the call, 5 s where `timeoutMs` does not say. */
  catchUp(options?: { timeoutMs?: number }): Promise<void>;
}

/**
 * Starts a streaming standby of an embedded server that this process can read the files of, on a free port. It has the roles
 * and passwords of the primary, and it does not outlive this process.
 *
 * @throws {EmbeddedPostgresError} see `EmbeddedPostgresErrorCode`.
 */
export async function startStandby(
  primary: Pick<EmbeddedPostgres, "url" | "port" | "dataDirectory">,
  {
    baseDirectory = defaultBaseDirectory(),
    binariesPackage,
    settings = {},
    name = "standby",
  }: StandbyOptions = {},
): Promise<Standby> {
  const user = serverUser();
  const base = makeOpenDirectory(baseDirectory);
  const binaries = await installBinaries(base, binariesPackage);
  await asSuperuser(primary.url, async (client) => {
    // Before the copy, so that the standby's own configuration has it.
    await client.query(`alter system set wal_keep_size = '${WAL_KEEP_SIZE}'`);
    await client.query("select pg_reload_conf()");
  });

  const directory = temporaryDirectory(base, name);
  const paths = clusterPaths(makeOpenDirectory(directory));
  const server = await withLock(`${directory}.lock`, async () => {
    const password = readFileSync(join(dirname(primary.dataDirectory), "superuser-password"), "utf8");
    try {
      placeFile(paths.password, password);
      await copyRunningCluster(primary.url, primary.dataDirectory, paths.data, user);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
    placeFile(join(paths.data, "standby.signal"), "", user);
    claimLauncher(paths.launcher);
    const primary_conninfo = `host=${LOOPBACK} port=${primary.port} user=postgres password=${password} application_name=${name}`;
    const options = { name, settings: { ...STANDBY, primary_conninfo, ...settings }, log: () => {} };
    return RunningServer.start({ paths, binaries, user, temporary: true, options });
  });
  return new StreamingStandby(server, name, primary.url);
}

class StreamingStandby implements Standby {
  readonly name: string;
  readonly host = LOOPBACK;
  readonly shared = false;
  readonly #server: RunningServer;
  readonly #primaryUrl: string;

  constructor(server: RunningServer, name: string, primaryUrl: string) {
    this.#server = server;
    this.name = name;
    this.#primaryUrl = primaryUrl;
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  get pid(): number {
    return this.#server.pid;
  }

  get dataDirectory(): string {
    return this.#server.dataDirectory;
  }

  stop(...mode: Parameters<RunningServer["stop"]>): Promise<void> {
    return this.#server.stop(...mode);
  }

  restart(...mode: Parameters<RunningServer["restart"]>): Promise<void> {
    return this.#server.restart(...mode);
  }

  kill(): Promise<void> {
    return this.#server.kill();
  }

  async promote(): Promise<void> {
    // The copy may have the primary's own synchronous standby, this one, which no commit would ever hear of.
    await this.#ask("alter system reset synchronous_standby_names");
    await this.#ask("select pg_reload_conf()");
    const promoted = await this.#ask<boolean>("select pg_promote(true, 30)");
    if (promoted !== true) throw new Error("The standby was not promoted within 30 s.");
  }

  async pauseReplay(): Promise<void> {
    await this.#ask("select pg_wal_replay_pause()");
    const isPaused = async () =>
      (await this.#ask("select pg_get_wal_replay_pause_state() = 'paused'")) === true;
    await waitFor(isPaused, { what: "replay to pause" });
  }

  async resumeReplay(): Promise<void> {
    await this.#ask("select pg_wal_replay_resume()");
  }

  async replayLsn(): Promise<string> {
    return String(await this.#ask("select pg_last_wal_replay_lsn()::text"));
  }

  async catchUp({ timeoutMs = 5_000 } = {}): Promise<void> {
    const written = await ask<string>(this.#primaryUrl, "select pg_current_wal_lsn()::text");
    const hasReplayed = async () =>
      (await this.#ask(`select pg_last_wal_replay_lsn() >= '${written}'::pg_lsn`)) === true;
    await waitFor(hasReplayed, { timeoutMs, what: "the standby to replay what the primary has written" });
  }

  #ask<T>(sql: string): Promise<T | undefined> {
    return ask<T>(this.url, sql);
  }
}

/** The one value that a statement answers with. */
function ask<T>(url: string, sql: string): Promise<T | undefined> {
  return asSuperuser(url, async (client) => {
    const { rows } = await client.query<[T]>({ text: sql, rowMode: "array" });
    return rows[0]?.[0];
  });
}
