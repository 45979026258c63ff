import { Worker } from "node:worker_threads";
import { answerOfThread, startThread } from "../worker-thread.ts";
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

const start = startThread(
  "document-worker.ts",
  import.meta.url,
  (workerData, resourceLimits) =>
    new Worker(new URL("./document-worker.ts", import.meta.url), {
      workerData,
      resourceLimits,
      execArgv: [],
    }),
);

/** Null where the worker ended without an answer. */
async function inWorker(task: WorkerTask, timeMs: number): Promise<MadeDocument | null> {
  const bounds = { timeMs, heapMegabytes: MOST_MEGABYTES };
  return (await answerOfThread<MadeDocument>(start, task, bounds)).answer ?? null;
}
