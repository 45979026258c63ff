import { waitFor } from "@openhouse/pool-testing";
import { type Kind, type Lab, observing } from "./lab.ts";
import { runProgram } from "./programs/run.ts";

export const fault = "a backend dies (idle, held, at work, in a transaction)";
const SCENARIOS = ["idle", "held", "working", "transaction"];

export async function measure(kind: Kind, lab: Lab): Promise<string> {
  const survived = await Promise.all(SCENARIOS.map((scenario) => survives(kind, lab, scenario)));
  const exits = survived.filter((each) => !each).length;
  return `process exits in ${exits} of ${SCENARIOS.length}`;
}

function survives(kind: Kind, lab: Lab, scenario: string): Promise<boolean> {
  return observing(lab, async (observer) => {
    const program = runProgram("survivor", [kind, lab.url, scenario]);
    const pid = await program.tells("pid");
    const terminated = async () =>
      (await observer.query("select pg_terminate_backend($1, 1000) as gone", [pid])).rows[0].gone;
    await waitFor(terminated, { what: "the backend to be gone" });
    return (await program.exitCode) === 0;
  });
}
