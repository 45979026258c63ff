// The generator, in a process of its own: what it measures must not wait for what the rest of the load test does.
import type { Assignment } from "../plan.ts";
import type { FromGenerator } from "./messages.ts";
import { run } from "./run.ts";

const tell = (message: FromGenerator) => process.send?.(message);
const ended = new AbortController();

// Without somebody to tell there is nothing to do.
process.once("disconnect", () => process.exit(1));
process.once("message", (assignment: Assignment) => {
  run(assignment, {
    aborted: ended.signal,
    onProgress: (progress) => tell({ kind: "progress", progress }),
    onMidway: (atS) => tell({ kind: "midway", atS }),
  }).then(
    (result) => tell({ kind: "result", result }),
    (error: unknown) =>
      tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }),
  );
});
// Ctrl-C in a terminal reaches everybody; the parent decides when it is over.
process.on("SIGINT", () => {});
tell({ kind: "listening" });
