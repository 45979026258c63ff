import { Worker, type WorkerOptions } from "node:worker_threads";
import { MARKDOWN_BUDGET } from "./budget.ts";
import { type MadeDocument, makeDocument, type SourceText } from "./document.ts";
import type { WorkerTask } from "./document-worker.ts";

/** What is made at once: a worker takes longer to start. */
const SHORT_CHARACTERS = 8_000;
/** Workers at a time: they share the machine with the portal. */
const MOST_WORKERS = 2;
/** Of a worker's heap; a document within the budget takes a fraction of it. */
const MOST_MEGABYTES = 256;

let working = 0;
const waiting: (() => void)[] = [];

/**
 * Makes passages and pages of a document, in a thread of its own where it is long: the portal goes on meanwhile. One that
 * takes too long, or too much memory, is shown as plain text.
 */
export async function makeDocumentAside(
  source: SourceText,
  { timeMs = MARKDOWN_BUDGET.timeMs }: { timeMs?: number } = {},
): Promise<MadeDocument> {
  if (source.body.length <= SHORT_CHARACTERS) return makeDocument(source);
  while (working >= MOST_WORKERS) await new Promise<void>((resolve) => waiting.push(resolve));
  working++;
  try {
    const made = await inWorker({ source, asText: false }, timeMs);
    return made ?? (await inWorker({ source, asText: true }, timeMs)) ?? makeDocument(source, true);
  } finally {
    working--;
    waiting.shift()?.();
  }
}

/** Whether the sources run as they are, and not what a build made of them: then a thread has to load tsx by itself. */
const runsSources = () => process.execArgv.some((argument) => argument.includes("tsx"));

function startWorker(options: WorkerOptions): Worker {
  if (!runsSources()) return new Worker(new URL("./document-worker.ts", import.meta.url), options);
  const [source, from] = [import.meta.url.replace(/[^/]*$/, "document-worker.ts"), import.meta.url];
  const program = `import("tsx/esm/api").then((tsx) => tsx.tsImport(${JSON.stringify(source)}, ${JSON.stringify(from)}))`;
  return new Worker(program, { ...options, eval: true });
}

/** Null where the worker ended without an answer. */
function inWorker(task: WorkerTask, timeMs: number): Promise<MadeDocument | null> {
  return new Promise((resolve) => {
    const worker = startWorker({
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
      execArgv: [],
    });
    const timer = setTimeout(() => void worker.terminate(), timeMs);
    worker.once("message", resolve);
    worker.once("error", () => resolve(null));
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}
