import { createWriteStream, mkdtempSync, rmSync, type WriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findFreePort, type GuardedProcess, waitFor } from "@openhouse/pool-testing";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { runNext } from "@openhouse/tooling/portals/next-process";
import type { Portal } from "@openhouse/tooling/portals/portals";
import { type PortalFigures, readFigures } from "./portal-figures.ts";

const PROBE = pathToFileURL(fileURLToPath(new URL("./probe.mjs", import.meta.url))).href;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 40_000;

export interface LoadPortalOptions {
  readonly portal: Portal;
  readonly settings: Readonly<Record<string, string>>;
  /** Where everything that the portal prints goes. */
  readonly logPath: string;
  /** @default any free one */
  readonly port?: number | undefined;
}

/** The tenant portal, built, in a process of its own; started again when it ends by itself, as a process manager would. */
export class LoadPortal {
  readonly origin: string;
  readonly #options: LoadPortalOptions;
  readonly #port: number;
  readonly #log: WriteStream;
  readonly #directory = mkdtempSync(join(tmpdir(), "openhouse-loadtest-"));
  #process: GuardedProcess | undefined;
  #stopping = false;
  /** How often it ended by itself. */
  crashes = 0;
  /** Lines of its log that tell of an error nobody expected. */
  unexpected = 0;

  private constructor(options: LoadPortalOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.#log = createWriteStream(options.logPath, { flags: "a" });
    this.origin = `http://127.0.0.1:${port}`;
  }

  /** @throws {UserError} it was not ready in time; the log says why. */
  static async start(options: LoadPortalOptions): Promise<LoadPortal> {
    const portal = new LoadPortal(options, options.port ?? (await findFreePort()));
    await portal.#launch();
    try {
      await portal.#untilReady();
    } catch (cause) {
      await portal.stop();
      throw new UserError(`The tenant portal was not ready in time; see ${options.logPath}`, { cause });
    }
    return portal;
  }

  /** What the portal's process has told of itself so far. */
  figures(): PortalFigures[] {
    return readFigures(this.#probeFile);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const running = this.#process;
    if (running !== undefined) {
      let ended = false;
      void running.exited.then(() => {
        ended = true;
      });
      signal(running.pid, "SIGTERM");
      await waitFor(() => ended, { timeoutMs: STOP_WITHIN_MS, what: "the portal to end" }).catch(() =>
        signal(running.pid, "SIGKILL"),
      );
      await running.exited;
    }
    this.#log.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #probeFile(): string {
    return join(this.#directory, "figures.jsonl");
  }

  async #launch(): Promise<void> {
    const { portal, settings } = this.#options;
    const args = ["start", "--hostname", "127.0.0.1", "--port", String(this.#port)];
    const running = await runNext(portal, args, this.#environment(settings), (line) => this.#hear(line));
    this.#process = running;
    void running.exited.then((status) => {
      if (this.#stopping) return;
      this.crashes++;
      this.#hear(`the portal ended by itself with status ${status}; it is started again`);
      void this.#launch();
    });
  }

  #hear(line: string): void {
    if (line.includes("web.unexpected_error") || /uncaughtException|unhandledRejection/.test(line))
      this.unexpected++;
    this.#log.write(`${line}\n`);
  }

  /** Nothing of the developer's own settings gets in: a variable hides the one in `.env`. */
  #environment(settings: LoadPortalOptions["settings"]): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: "production",
      NODE_OPTIONS: `--import=${PROBE}`,
      LOADTEST_PROBE: this.#probeFile,
      AUTH_SECRET: "only for load tests, and long enough to be taken",
      TRUST_PROXY: "true", // every scan comes from an address of its own
      DB_DRAIN_MS: "0",
      CHAT_BASE_URL: "",
      ...settings,
    };
  }

  async #untilReady(): Promise<void> {
    const ready = async () => (await fetch(`${this.origin}/api/health/ready`)).status === 200;
    await waitFor(async () => this.crashes > 0 || (await ready()), {
      timeoutMs: READY_WITHIN_MS,
      intervalMs: 50,
      what: "the portal to be ready",
    });
    if (this.crashes > 0) throw new Error("it ended while it started");
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
