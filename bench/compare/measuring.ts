import { type ChildProcess, fork } from "node:child_process";
import { compileWorker } from "./compile.ts";
import type { Figures } from "./figures.ts";
import type { Job } from "./work.ts";
import type { Answer, Order } from "./worker.ts";

/** What takes longer hangs, in milliseconds. */
const LIMIT_MS = 90_000;

let program: Promise<string> | undefined;
const running = new Set<ChildProcess>();

/** Ends what is being measured, when the bench itself is to end. */
export function endMeasurements(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** A process that measures one entry of one work. */
export class MeasuringProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => {
        running.delete(child);
        resolve(`its process ended with ${signal ?? code}`);
      });
    });
  }

  /**
   * @param switches of Node's.
   * @throws why it cannot take part.
   */
  static async start(job: Job, switches: readonly string[] = []): Promise<MeasuringProcess> {
    program ??= compileWorker();
    const measuring = new MeasuringProcess(
      fork(await program, {
        // `gc` is there for what measures memory; calling it is what costs, not having it. pg warns of statements that
        // wait for others on one client, which is what drizzle(pg.Client) does.
        execArgv: ["--expose-gc", "--no-deprecation", ...switches],
        env: { ...process.env, NODE_ENV: "production" },
      }),
    );
    await measuring.#order({ job });
    return measuring;
  }

  async round(): Promise<Figures> {
    return (await this.#order("round")).figures ?? {};
  }

  async end(): Promise<void> {
    await this.#order("end");
    await this.#ended;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #order(order: Order): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const answer = await Promise.race([
      new Promise<Answer>((resolve) => {
        this.#child.once("message", (told: Answer) => resolve(told));
        this.#child.send(order);
      }),
      this.#ended.then((problem): Answer => ({ problem })),
      new Promise<Answer>((resolve) => {
        const problem = `it was not done after ${LIMIT_MS / 1_000} s`;
        timer = setTimeout(() => resolve({ problem }), LIMIT_MS);
      }),
    ]);
    clearTimeout(timer);
    if (answer.problem === undefined) return answer;
    this.kill();
    throw new Error(answer.problem);
  }
}
