import { type ChildProcess, fork } from "node:child_process";
import { compileWorker } from "./compile.ts";
import type { Figures } from "./figures.ts";
import type { Job, Session } from "./work.ts";
import type { Answer, Order } from "./worker.ts";

/** What takes longer hangs, in milliseconds. */
const LIMIT_MS = 90_000;

let program: Promise<string> | undefined;
const running = new Set<ChildProcess>();

/** Ends what is being measured, when the bench itself is to end. */
export function endMeasurements(): void {
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Starts a process that measures one entry of one work.
 *
 * @param switches of Node's.
 * @throws why it cannot take part; so do its rounds.
 */
export async function startMeasuring(job: Job, switches: readonly string[] = []): Promise<Session> {
  program ??= compileWorker();
  const child = fork(await program, {
    // `gc` is there for what measures memory; calling it is what costs, not having it. pg warns of statements that
    // wait for others on one client, which is what drizzle(pg.Client) does.
    execArgv: ["--expose-gc", "--no-deprecation", ...switches],
    env: { ...process.env, NODE_ENV: "production" },
  });
  running.add(child);
  const ended = new Promise<Answer>((resolve) => {
    child.once("error", ({ message }) => resolve({ problem: message }));
    child.once("exit", (code, signal) => {
      running.delete(child);
      resolve({ problem: `its process ended with ${signal ?? code}` });
    });
  });
  const obey = async (order: Order): Promise<Figures> => {
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<Answer>((resolve) => {
      child.once("message", resolve);
      child.send(order);
      const problem = `it was not done after ${LIMIT_MS / 1_000} s`;
      timer = setTimeout(() => resolve({ problem }), LIMIT_MS);
    });
    const { figures = {}, problem } = await Promise.race([answered, ended]);
    clearTimeout(timer);
    if (problem === undefined) return figures;
    child.kill("SIGKILL");
    throw new Error(problem);
  };
  await obey({ job });
  return {
    round: () => obey("round"),
    async end() {
      await obey("end");
      await ended;
    },
  };
}
