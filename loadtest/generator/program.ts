// The generator, in a process of its own: what it measures must not wait for what the rest of the load test does.
import type { GeneratorResult } from "../results.ts";
import { type Assignment, type Progress, run } from "./run.ts";

/** What it tells its parent. */
export type FromGenerator =
  | { readonly progress: Progress }
  | { readonly midwayAtS: number }
  | { readonly result: GeneratorResult }
  | { readonly failed: string };

const tell = (message: FromGenerator) => process.send?.(message);

// Without somebody to tell there is nothing to do.
process.once("disconnect", () => process.exit(1));
process.once("message", (assignment: Assignment) => {
  run(assignment, {
    aborted: new AbortController().signal,
    onProgress: (progress) => tell({ progress }),
    onMidway: (midwayAtS) => tell({ midwayAtS }),
  }).then(
    (result) => tell({ result }),
    (error: unknown) => tell({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
// Ctrl-C in a terminal reaches everybody; the parent decides when it is over.
process.on("SIGINT", () => {});
