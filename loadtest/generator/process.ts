import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { GeneratorResult } from "../results.ts";
import type { FromGenerator } from "./program.ts";
import type { Assignment, GenerateOptions } from "./run.ts";

const PROGRAM = fileURLToPath(new URL("./program.ts", import.meta.url));

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
      if ("progress" in message) return onProgress(message.progress);
      if ("midwayAtS" in message) return onMidway(message.midwayAtS);
      if ("result" in message) resolve(message.result);
      else failure = new Error(message.failed);
      child.disconnect();
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      aborted.removeEventListener("abort", onAbort);
      if (aborted.aborted) reject(aborted.reason);
      else reject(failure ?? new Error(`the generator ended before it was done (${signal ?? code})`));
    });
    child.send(assignment);
  });
}
