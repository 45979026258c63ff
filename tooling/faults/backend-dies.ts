import type { BenchContext } from "./context.ts";
import { observing } from "./observe.ts";
import { withProgram } from "./program.ts";
import { withProxy } from "./subject.ts";

const PROGRAM = new URL("./programs/survivor.ts", import.meta.url);
export const MOMENTS = [
  "idle",
  "checked out, between two statements",
  "checked out, and returned after its death without another statement",
  "waiting for an answer",
  "inside a transaction",
] as const;

/** @param death the backend is terminated, or the network resets its connection. */
export function backendDies(
  context: BenchContext,
  moment: (typeof MOMENTS)[number],
  death: "terminated" | "reset",
) {
  return observing(context, (observer) =>
    withProxy(context, (proxy, url) =>
      withProgram(PROGRAM, [context.kind, url, moment], async (program) => {
        const pid = await program.tells("pid");
        const terminate = () => observer.query("select pg_terminate_backend($1)", [pid]);
        if (death === "reset") proxy.cut();
        else await terminate();
        const { exitCode, stderr, facts } = await program.ended();
        await terminate(); // a server that is busy with a statement does not look at its socket
        return { exitCode, stderr, ...facts.at(-1) };
      }),
    ),
  );
}

/** Every moment at once. */
export async function backendsDie(context: BenchContext) {
  const ends = await Promise.all(MOMENTS.map((moment) => backendDies(context, moment, "terminated")));
  return { processExits: `${ends.filter(({ exitCode }) => exitCode !== 0).length} of ${MOMENTS.length}` };
}
