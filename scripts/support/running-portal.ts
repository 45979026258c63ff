import { type GuardedProcess, waitFor } from "@openhouse/pool-testing";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { runNext } from "@openhouse/tooling/portals/next-process";
import type { Portal } from "@openhouse/tooling/portals/portals";

const STOP_TIMEOUT_MS = 30_000;

/** A portal that runs as a child process. */
export class RunningPortal {
  readonly portal: Portal;
  /** Resolves when it has ended, whatever the reason. */
  readonly ended: Promise<number>;
  readonly #process: GuardedProcess;
  #hasEnded = false;

  private constructor(portal: Portal, process: GuardedProcess) {
    this.portal = portal;
    this.#process = process;
    this.ended = process.exited.then((status) => {
      this.#hasEnded = true;
      return status;
    });
  }

  static async start(
    mode: "start" | "dev",
    portal: Portal,
    env: NodeJS.ProcessEnv,
    say: (line: string) => void,
  ): Promise<RunningPortal> {
    const args = [mode, "--hostname", "127.0.0.1", "--port", String(portal.port)];
    return new RunningPortal(portal, await runNext(portal, args, env, say));
  }

  /**
   * Waits until the portal says that it and its database are well.
   *
   * @throws {UserError} it ended, or did not get there within `timeoutMs`.
   */
  async untilHealthy(timeoutMs: number, aborted: AbortSignal): Promise<void> {
    const { title, port } = this.portal;
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
