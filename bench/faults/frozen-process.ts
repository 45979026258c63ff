import { type Kind, type Lab, observing } from "./lab.ts";
import { runProgram } from "./programs/run.ts";

export const fault = "process frozen, its backends gone meanwhile";
/** Longer than a connection is trusted without a test, in milliseconds. */
const FROZEN_MS = 1_500;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return observing(lab, async (observer) => {
    const program = runProgram("sleeper", [kind, lab.url]);
    await program.tells("open");
    program.kill("SIGSTOP");
    await observer.query(
      "select pg_terminate_backend(pid, 1000) from pg_stat_activity where application_name = 'sleeper'",
    );
    await new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
    program.kill("SIGCONT");
    const [failed, code] = [await program.tells("failed"), await program.exitCode];
    return failed === undefined ? `process exits with ${code}` : `${failed} of 20 statements fail`;
  });
}
