import { Worker } from "node:worker_threads";
import { answerOfThread, startThread, type WorkerBounds } from "@openhouse/db/worker-thread";
import { faultWords, SIMPLER } from "./fault-words.ts";
import type { FileText } from "./file-fault.ts";
import type { FileTask } from "./file-worker.ts";

const BOUNDS: WorkerBounds = { timeMs: 20_000, heapMegabytes: 256, processBytes: 400_000_000 };
/** They take turns, one at a time; so many more may wait. */
const MOST_WAITING = 4;

let waiting = 0;
let turn: Promise<unknown> = Promise.resolve();

const start = startThread(
  "file-worker.ts",
  import.meta.url,
  (workerData, resourceLimits) =>
    new Worker(new URL("./file-worker.ts", import.meta.url), { workerData, resourceLimits, execArgv: [] }),
);

/**
 * The text of a PDF or a Word file as Markdown, or what is wrong with it, in words for whoever uploads it. In a thread of its
 * own, within bounds of time and memory: the portal goes on meanwhile. Never rejects.
 */
export async function readFileText(
  task: FileTask,
  bounds: Partial<WorkerBounds> = {},
): Promise<{ text: string; fault?: never } | { text?: never; fault: string }> {
  if (waiting > MOST_WAITING)
    return { fault: "Several files are being read right now. Please try again in a minute." };
  waiting++;
  const read = turn.then(() => answerOfThread<FileText>(start, task, { ...BOUNDS, ...bounds }));
  turn = read;
  const { end, answer } = await read;
  waiting--;
  if (answer === undefined) return { fault: END_WORDS[end] };
  return answer.fault === undefined ? { text: answer.text } : { fault: faultWords(answer, task.kind) };
}

const END_WORDS = {
  answered: "",
  time: `Reading the file takes too long. ${SIMPLER}`,
  memory: `Reading the file takes too much memory. ${SIMPLER}`,
  failed: `The file could not be read. ${SIMPLER}`,
} as const;
