import type { BenchContext } from "./context.ts";
import { withProgram } from "./program.ts";

const PROGRAM = new URL("./programs/throwing.ts", import.meta.url);
/** Listeners of a pool's events, and what else of the application's it calls to tell something. */
export const ONLOOKERS = ["release", "remove", "log", "logger"] as const;
/** Listeners of events that a connection passes on its way to a caller. */
export const GATEKEEPERS = ["connect", "acquire"] as const;
const ALL = [...GATEKEEPERS, ...ONLOOKERS];

/** The application's code throws, once, where the pool calls it. */
export function throwingCode(context: BenchContext, who: (typeof ALL)[number]) {
  return withProgram(PROGRAM, [context.kind, context.url, who], async (program) => {
    const { exitCode, stderr, facts } = await program.ended();
    return { exitCode, stderr, ...facts.at(-1) };
  });
}

/** Each of them, one after the other. */
export async function throwingCodes(context: BenchContext) {
  let [processExits, callersNeverServedAgain] = [0, 0];
  for (const who of ALL) {
    const outcome = await throwingCode(context, who);
    if (outcome.exitCode !== 0) processExits++;
    else if (!("afterwards" in outcome) || outcome.afterwards !== "done") callersNeverServedAgain++;
  }
  return { processExits: `${processExits} of ${ALL.length}`, callersNeverServedAgain };
}
