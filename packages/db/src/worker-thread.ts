import { type ResourceLimits, Worker } from "node:worker_threads";

/** Looked at so often, in milliseconds: what a thread takes meanwhile is beyond the bound. */
const WATCH_EVERY_MS = 25;

export interface WorkerBounds {
  timeMs: number;
  /** Of its heap: what is made of JavaScript's objects. */
  heapMegabytes: number;
  /** By how many bytes the process may grow meanwhile: buffers are not in a heap. @default no bound */
  processBytes?: number;
}

/** What came of it: an answer, or why there is none. */
export type WorkerEnd<Answer> =
  | { end: "answered"; answer: Answer }
  | { end: "time" | "memory" | "failed"; answer?: never };

/** Starts a thread of one module. */
export type StartWorker = (workerData: unknown, resourceLimits: ResourceLimits) => Worker;

/** Whether the sources run as they are, and not what a build made of them: then a thread has to load tsx by itself. */
const runsSources = () => process.execArgv.some((argument) => argument.includes("tsx"));

/**
 * Starts a thread of a module of the sources, or, where a build has made it, as `startBuilt` does. Turbopack makes a module of
 * `new Worker(new URL("./file.ts", import.meta.url), { … })` only where both are written out; for options that come in a variable
 * it copies the file as it is, which no thread can load.
 *
 * @param from the caller's `import.meta.url`; `name` is beside it.
 */
export function startThread(name: string, from: string, startBuilt: StartWorker): StartWorker {
  return (workerData, resourceLimits) => {
    if (!runsSources()) return startBuilt(workerData, resourceLimits);
    const source = from.replace(/[^/]*$/, name);
    const program = `import("tsx/esm/api").then((tsx) => tsx.tsImport(${JSON.stringify(source)}, ${JSON.stringify(from)}))`;
    return new Worker(program, { workerData, resourceLimits, execArgv: [], eval: true });
  };
}

/** The first message of a thread that is given `workerData`; it is ended where it goes beyond its bounds. Never rejects. */
export function answerOfThread<Answer>(
  start: StartWorker,
  workerData: unknown,
  { timeMs, heapMegabytes, processBytes = Number.POSITIVE_INFINITY }: WorkerBounds,
): Promise<WorkerEnd<Answer>> {
  return new Promise((resolve) => {
    const before = process.memoryUsage.rss();
    let worker: Worker;
    try {
      worker = start(workerData, { maxOldGenerationSizeMb: heapMegabytes });
    } catch {
      return resolve({ end: "failed" });
    }
    const endBy = (end: "time" | "memory") => {
      resolve({ end });
      void worker.terminate();
    };
    const timer = setTimeout(() => endBy("time"), timeMs);
    const watch = Number.isFinite(processBytes)
      ? setInterval(() => {
          if (process.memoryUsage.rss() - before > processBytes) endBy("memory");
        }, WATCH_EVERY_MS)
      : undefined;
    worker.once("message", (answer: Answer) => resolve({ end: "answered", answer }));
    worker.once("error", (error) => resolve({ end: isOutOfMemory(error) ? "memory" : "failed" }));
    worker.once("exit", () => {
      clearTimeout(timer);
      clearInterval(watch);
      resolve({ end: "failed" });
    });
  });
}

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
