import { createWriteStream, mkdtempSync, rmSync, type WriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@openhouse/pool-testing";
import { UserError } from "@openhouse/tooling/cli/user-error";
import type { Portal } from "@openhouse/tooling/portals/portals";
import { measuredEnvironment, RunningPortal } from "@openhouse/tooling/portals/running-portal";
import { type PortalFigures, readFigures } from "./portal-figures.ts";

const PROBE = new URL("./probe.mjs", import.meta.url).href;
const READY_WITHIN_MS = 60_000;

export interface LoadPortalOptions {
  readonly portal: Portal;
  readonly settings: Readonly<Record<string, string>> & { readonly DATABASE_URL: string };
  /** Where everything that the portal prints goes. */
  readonly logPath: string;
  /** @default any free one */
  readonly port?: number | undefined;
  /** In how many processes it runs, behind its one port. @default 1 */
  readonly workers?: number;
}

/** The tenant portal, built, in a process of its own; started again when it ends by itself, as a process manager would. */
export class LoadPortal {
  readonly origin: string;
  readonly #portal: Portal;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: WriteStream;
  readonly #directory = mkdtempSync(join(tmpdir(), "openhouse-loadtest-"));
  readonly #probeFile = join(this.#directory, "figures.jsonl");
  readonly #workerPorts: readonly number[];
  #running: RunningPortal | undefined;
  #stopping = false;
  /** How often it ended by itself. */
  crashes = 0;
  /** Lines of its log that tell of an error nobody expected. */
  unexpected = 0;

  private constructor(
    { portal, settings, logPath }: LoadPortalOptions,
    port: number,
    workerPorts: readonly number[],
  ) {
    this.#portal = { ...portal, port };
    this.#workerPorts = workerPorts;
    this.#environment = measuredEnvironment({
      NODE_OPTIONS: `--import=${PROBE}`,
      LOADTEST_PROBE: this.#probeFile,
      TRUST_PROXY: "true", // every scan comes from an address of its own
      ...settings,
    });
    this.#log = createWriteStream(logPath, { flags: "a" });
    this.origin = `http://127.0.0.1:${port}`;
  }

  /** @throws {UserError} it was not ready in time; the log says why. */
  static async start(options: LoadPortalOptions): Promise<LoadPortal> {
    const { workers = 1 } = options;
    const workerPorts: number[] = [];
    while (workers > 1 && workerPorts.length < workers) workerPorts.push(await findFreePort());
    const portal = new LoadPortal(options, options.port ?? (await findFreePort()), workerPorts);
    const running = await portal.#launch();
    try {
      const origins = [portal.origin, ...workerPorts.map((port) => `http://127.0.0.1:${port}`)];
      const isReady = async () => {
        const answers = await Promise.all(origins.map((origin) => fetch(`${origin}/api/health/ready`)));
        return answers.every(({ status }) => status === 200);
      };
      await running.until(isReady, { timeoutMs: READY_WITHIN_MS, intervalMs: 50, what: "it to be ready" });
    } catch (cause) {
      await portal.stop();
      throw new UserError(`The tenant portal was not ready in time; see ${options.logPath}`, { cause });
    }
    return portal;
  }

  /** What the portal's processes have told of themselves so far. */
  figures(): PortalFigures[] {
    return readFigures(this.#probeFile);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running?.stop("SIGTERM");
    this.#log.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #launch(): Promise<RunningPortal> {
    const hear = (line: string) => this.#hear(line);
    const running = await RunningPortal.start(
      "start",
      this.#portal,
      this.#environment,
      hear,
      this.#workerPorts,
    );
    this.#running = running;
    void running.ended.then((status) => {
      if (this.#stopping) return;
      this.crashes++;
      this.#hear(`the portal ended by itself with status ${status}; it is started again`);
      void this.#launch();
    });
    return running;
  }

  #hear(line: string): void {
    if (line.includes("web.unexpected_error") || /uncaughtException|unhandledRejection/.test(line))
      this.unexpected++;
    if (line.includes("web.worker_ended")) this.crashes++;
    this.#log.write(`${line}\n`);
  }
}
