import { signingFor } from "@openhouse/db/signing";
import { type GuardedProcess, type WaitOptions, waitFor } from "@openhouse/pool-testing";
import { UserError } from "../cli/user-error.ts";
import { runNext } from "./next-process.ts";
import type { Portal } from "./portals.ts";

const STOP_TIMEOUT_MS = 30_000;

/** A portal that runs as a child process, or as several that share its address. */
export class RunningPortal {
  readonly portal: Portal;
  /** Resolves when it has ended, whatever the reason. */
  readonly ended: Promise<number>;
  readonly #process: GuardedProcess;
  /** Where each of its processes answers for itself. */
  readonly #ports: readonly number[];
  #hasEnded = false;

  private constructor(portal: Portal, process: GuardedProcess, ports: readonly number[]) {
    this.portal = portal;
    this.#process = process;
    this.#ports = ports;
    this.ended = process.exited.then((status) => {
      this.#hasEnded = true;
      return status;
    });
  }

  /** @param workerPorts with any, it runs in a process for each, which answers there besides; `mode` is `start` then. */
  static async start(
    mode: "start" | "dev",
    portal: Portal,
    env: NodeJS.ProcessEnv,
    say: (line: string) => void,
    workerPorts: readonly number[] = [],
  ): Promise<RunningPortal> {
    const args = [mode, "--hostname", "127.0.0.1", "--port", String(portal.port)];
    const next = await runNext(portal, args, env, say, workerPorts);
    return new RunningPortal(portal, next, workerPorts.length > 0 ? workerPorts : [portal.port]);
  }

  /**
   * Waits until the portal, each of its processes, says that it and its database are well.
   *
   * @throws {UserError} it ended, or did not get there within `timeoutMs`.
   */
  async untilHealthy(timeoutMs: number, aborted: AbortSignal): Promise<void> {
    await Promise.all(this.#ports.map((port) => this.#untilHealthyAt(port, timeoutMs, aborted)));
  }

  async #untilHealthyAt(port: number, timeoutMs: number, aborted: AbortSignal): Promise<void> {
    const { title } = this.portal;
    const url = `http://127.0.0.1:${port}/api/health/db`;
    let last = "no answer yet";
    const isHealthy = async () => {
      aborted.throwIfAborted();
      const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(60_000) });
      last = `${response.status} ${(await response.text()).slice(0, 300)}`;
      return response.status === 200;
    };
    try {
      const done = () => this.#hasEnded || aborted.aborted || isHealthy();
      await waitFor(done, { timeoutMs, intervalMs: 100, what: url });
    } catch (cause) {
      const message = `The ${title.toLowerCase()} was not healthy within ${timeoutMs / 1000} s: ${url} said: ${last}`;
      throw new UserError(message, { cause });
    }
    aborted.throwIfAborted();
    if (this.#hasEnded) throw new UserError(`The ${title.toLowerCase()} ended while it started; see above.`);
  }

  /** Waits for a condition, and no longer than the portal runs. @throws {UserError} it has ended. */
  async until(condition: () => Promise<boolean>, options: WaitOptions): Promise<void> {
    await waitFor(async () => this.#hasEnded || (await condition()), options);
    if (this.#hasEnded) throw new UserError(`The ${this.portal.title.toLowerCase()} ended while it started.`);
  }

  /** Passes the signal on and waits for the end, 30 s at most; then it is killed. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#send(signal);
    const what = `the ${this.portal.title.toLowerCase()} to end`;
    await waitFor(() => this.#hasEnded, { timeoutMs: STOP_TIMEOUT_MS, what }).catch(() => {
      console.log(
        `The ${this.portal.title.toLowerCase()} did not end within ${STOP_TIMEOUT_MS / 1000} s; it is killed.`,
      );
      this.kill();
    });
    await this.ended;
  }

  kill(): void {
    this.#send("SIGKILL");
  }

  #send(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) process.kill(this.#process.pid, signal);
  }
}

/** Of a portal that is measured, and of whoever adds people for it to find. */
export const MEASURED_SECRET = "only for measuring, and long enough to be taken";

/** Nobody asks or searches as fast as a program does. */
export const NO_QUOTAS: Readonly<Record<string, string>> = {
  CHAT_QUESTIONS_A_MINUTE: "1000000",
  CHAT_QUESTIONS_A_DAY: "1000000",
  CHAT_COMPANY_QUESTIONS_A_DAY: "1000000",
  SEARCHES_A_MINUTE: "1000000",
  COMPANY_SEARCHES_A_DAY: "1000000",
  COMPANY_UPLOADS_A_DAY: "1000000",
  CODE_MAILS_AN_HOUR: "1000000",
  COMPANY_CODE_MAILS_A_DAY: "1000000",
};

/** For a portal that is measured. Nothing of the developer's own settings gets in: a variable hides the one in `.env`. */
export function measuredEnvironment(
  settings: Readonly<Record<string, string>> & { readonly DATABASE_URL: string },
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_ENV: "production",
    AUTH_SECRET: MEASURED_SECRET,
    PUBLIC_URL: "http://localhost",
    DB_DRAIN_MS: "0",
    CHAT_BASE_URL: "",
    ...NO_QUOTAS,
    TENANT_SIGNING_KEY: signingFor(settings.DATABASE_URL).signingKey,
    ...settings,
  };
}
