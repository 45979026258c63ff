import { readFileSync } from "node:fs";
import type { Binaries } from "./binaries.ts";
import type { ClusterPaths } from "./cluster.ts";
import { EmbeddedPostgresError } from "./embedded-error.ts";
import { forgetLauncher } from "./launcher.ts";
import { withLock } from "./lock.ts";
import { findFreePort, LOOPBACK } from "./ports.ts";
import { killPostmaster, launchPostmaster, type StopMode, stopPostmaster } from "./postmaster.ts";
import { configureServer, placeFile, readIfThere } from "./server-files.ts";
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./server-types.ts";
import type { ServerUser } from "./server-user.ts";
import { removeAtExit, removeNow } from "./temporary-clusters.ts";

interface ServerParts {
  paths: ClusterPaths;
  binaries: Binaries;
  user: ServerUser;
  temporary: boolean;
  options: EmbeddedPostgresOptions;
}

/** A server that this process has started. */
export class RunningServer implements EmbeddedPostgres {
  readonly host = LOOPBACK;
  readonly shared = false;
  readonly #parts: ServerParts;
  readonly #password: string;
  #port = 0;
  #pid = 0;
  #stopping: Promise<void> | undefined;

  private constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#password = readFileSync(parts.paths.password, "utf8");
  }

  /** The caller holds the cluster's lock. */
  static async start(parts: ServerParts): Promise<RunningServer> {
    const server = new RunningServer(parts);
    const { paths, temporary } = parts;
    if (temporary) removeAtExit(paths.directory, () => server.#pid);
    try {
      await server.#launchOnSomePort();
      return server;
    } catch (error) {
      forgetLauncher(paths.launcher);
      if (temporary) removeNow(paths.directory);
      throw error;
    }
  }

  get url(): string {
    return serverUrl(this.#password, this.#port);
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#pid;
  }

  get dataDirectory(): string {
    return this.#parts.paths.data;
  }

  stop(mode: StopMode = "fast"): Promise<void> {
    this.#stopping ??= this.#stop(mode);
    return this.#stopping;
  }

  async restart(mode: StopMode = "fast"): Promise<void> {
    await withLock(this.#lock, async () => {
      await stopPostmaster(this.#pid, mode);
      await this.#launch(this.#port);
    });
  }

  async kill(): Promise<void> {
    await killPostmaster(this.#pid);
  }

  get #lock(): string {
    return `${this.#parts.paths.directory}.lock`;
  }

  async #stop(mode: StopMode): Promise<void> {
    const { paths, temporary } = this.#parts;
    await withLock(this.#lock, async () => {
      await stopPostmaster(this.#pid, mode);
      forgetLauncher(paths.launcher);
      if (temporary) removeNow(paths.directory);
    });
  }

  /** A port that the caller asked for is used or refused; our own choice gives way, and says so. */
  async #launchOnSomePort(): Promise<void> {
    const { paths, options } = this.#parts;
    if (options.port !== undefined) return this.#launch(options.port);
    const log = options.log ?? console.warn;
    const remembered = Number(readIfThere(paths.port) ?? 0);
    let port = remembered > 0 ? remembered : await findFreePort();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#launch(port);
        break;
      } catch (error) {
        const taken = error instanceof EmbeddedPostgresError && error.code === "POSTGRES_PORT_TAKEN";
        if (!taken || attempt === 5) throw error;
        const other = await findFreePort();
        log(`Port ${port} is in use by another program, so the embedded Postgres takes port ${other}.`);
        port = other;
      }
    }
    if (port !== remembered) placeFile(paths.port, String(port));
  }

  async #launch(port: number): Promise<void> {
    const { paths, binaries, user, temporary, options } = this.#parts;
    const { settings = {}, hba = [], files = {} } = options;
    configureServer(paths.data, user, { port, disposable: temporary, settings, hba, files });
    this.#pid = await launchPostmaster(paths, binaries, user, port);
    this.#port = port;
  }
}

/** A server that another live process of this checkout has started. */
export class SharedServer implements EmbeddedPostgres {
  readonly host = LOOPBACK;
  readonly shared = true;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDirectory: string;
  readonly #launcher: number;

  constructor(paths: ClusterPaths, { pid, port }: { pid: number; port: number }, launcher: number) {
    this.url = serverUrl(readFileSync(paths.password, "utf8"), port);
    this.port = port;
    this.pid = pid;
    this.dataDirectory = paths.data;
    this.#launcher = launcher;
  }

  async stop(): Promise<void> {}

  async restart(): Promise<void> {
    throw this.#notOurs();
  }

  async kill(): Promise<void> {
    throw this.#notOurs();
  }

  #notOurs(): EmbeddedPostgresError {
    const message = `The server at port ${this.port} belongs to process ${this.#launcher}; only that process may restart it.`;
    return new EmbeddedPostgresError("POSTGRES_BUSY", message);
  }
}

function serverUrl(password: string, port: number): string {
  return `postgres://postgres:${password}@${LOOPBACK}:${port}/postgres`;
}
