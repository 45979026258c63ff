import type { BenchContext, Outcome } from "./context.ts";
import { withProgram } from "./program.ts";

const PROGRAM = new URL("./programs/ending.ts", import.meta.url);
export const WORKS = [
  "a statement",
  "a statement on the single client",
  "a statement on one of two hosts",
  "the end of a probe",
  "the end of a pool of two hosts",
] as const;
export const SIGNALS = ["a signal", "a signal without effect"] as const;
const ALL = [...WORKS, ...SIGNALS];

/** How a process ends that is done with its work, or is told to end. */
export function processEnd(context: BenchContext, what: (typeof ALL)[number]) {
  return withProgram(PROGRAM, [context.kind, context.url, what], async (program) => {
    if (what.startsWith("a signal")) {
      await program.tells("running");
      program.signal("SIGTERM");
    }
    const { exitCode, signal, stderr, facts } = await program.ended();
    return { exitCode, signal, stderr, ...facts.at(-1) };
  });
}

/** A script at its default settings, and a process with two pools that is PID 1 of its container. */
export async function processesEnd(context: BenchContext) {
  const script: Outcome = await processEnd(context, "a statement");
  const first: Outcome = await processEnd(context, "a signal without effect");
  const atEnd = script.endsAtOnce === true ? "at once" : "when its idle connections are closed";
  return {
    scriptEnds: script.exitCode === 0 ? atEnd : "never",
    poolsLeftOpenAtSignal: first.openPools ?? 2,
    exitCodeAfterSignal: first.exitCode ?? "none",
  };
}
