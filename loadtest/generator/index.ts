import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Assignment } from "../plan.ts";
import type { GeneratorResult } from "../results.ts";
import type { FromGenerator } from "./messages.ts";
import type { Progress } from "./run.ts";

const PROGRAM = fileURLToPath(new URL("./program.ts", import.meta.url));

export interface GenerateOptions {
  readonly onProgress: (progress: Progress) => void;
  readonly onMidway: (atS: number) => void;
  readonly aborted: AbortSignal;
}

/**
 * Runs an assignment in a process of its own.
 *
 * @throws {Error} it could not be begun, or the process ended before it was done; `aborted`'s reason.
 */
export function generate(
  assignment: Assignment,
  { onProgress, onMidway, aborted }: GenerateOptions,
): Promise<GeneratorResult> {
  return new Promise((resolve, reject) => {
    aborted.throwIfAborted();
    const child = fork(PROGRAM, { execArgv: ["--import", "tsx"], serialization: "advanced" });
    const onAbort = () => child.kill("SIGKILL");
    aborted.addEventListener("abort", onAbort, { once: true });
    let failure: Error | undefined;
    child.on("message", (message: FromGenerator) => {
      if (message.kind === "listening") child.send(assignment);
      else if (message.kind === "progress") onProgress(message.progress);
      else if (message.kind === "midway") onMidway(message.atS);
      else {
        if (message.kind === "result") resolve(message.result);
        else failure = new Error(message.reason);
        child.disconnect();
      }
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      aborted.removeEventListener("abort", onAbort);
      if (aborted.aborted) reject(aborted.reason);
      else reject(failure ?? new Error(`the generator ended before it was done (${signal ?? code})`));
    });
  });
}
