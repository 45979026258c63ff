import { execFileSync } from "node:child_process";
import { waitFor } from "@openhouse/pool-testing";
import type { BenchContext } from "./context.ts";
import { endBackends, observing, runningStatements } from "./observe.ts";
import { withProgram } from "./program.ts";

const PROGRAM = new URL("./programs/frozen.ts", import.meta.url);
/**
 * A process is frozen, with its statements answered meanwhile and its backends gone.
 *
 * @param moment what its connections are doing.
 * @param clocks a process that is stopped sees its clocks go on; a machine that sleeps does not.
 */
export function frozenProcess(
  context: BenchContext,
  moment: "idle" | "busy",
  clocks: "running" | "suspended" | "set-back",
  frozenMs: number,
) {
  return observing(context, (observer) =>
    withProgram(PROGRAM, [context.kind, context.url, moment, clocks], async (program) => {
      const isStopped = () =>
        execFileSync("ps", ["-o", "stat=", "-p", String(program.pid)], { encoding: "utf8" }).startsWith("T");
      await waitFor(isStopped, { timeoutMs: 20_000, what: "the process to be stopped" });
      const idle = async () => (await runningStatements(observer)) === 0;
      await waitFor(idle, { what: "its statements to be answered" });
      await new Promise((resolve) => setTimeout(resolve, frozenMs)); // for how long it is frozen is the fault itself
      const backendsGone = await endBackends(observer);
      program.signal("SIGCONT");
      const { exitCode, facts } = await program.ended();
      return { backendsGone, exitCode, ...facts.at(-1) };
    }),
  );
}
