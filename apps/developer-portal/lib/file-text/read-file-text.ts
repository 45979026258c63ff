import { Worker } from "node:worker_threads";
import { answerOfThread, startThread, type WorkerBounds } from "@openhouse/db/worker-thread";
import { faultWords, SIMPLER } from "./fault-words.ts";
import type { FileText } from "./file-fault.ts";
import type { FileTask } from "./file-worker.ts";

const BOUNDS: WorkerBounds = { timeMs: 20_000, heapMegabytes: 256, processBytes: 400_000_000 };
/** They take turns, one at a time: so many are read or wait, of all companies and of one. */
const MOST = 5;
const MOST_OF_COMPANY = 2;

/** By company. */
const taken = new Map<string, number>();
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
 *
 * @param tenantId of whose files a few are read or wait at a time, so that no company keeps others from having theirs read.
 */
export async function readFileText(
  tenantId: string,
  task: FileTask,
  bounds: Partial<WorkerBounds> = {},
): Promise<{ text: string; fault?: never } | { text?: never; fault: string }> {
  const own = taken.get(tenantId) ?? 0;
  const all = [...taken.values()].reduce((sum, each) => sum + each, 0);
  if (own >= MOST_OF_COMPANY || all >= MOST)
    return { fault: "Several files are being read right now. Please try again in a minute." };
  taken.set(tenantId, own + 1);
  const read = turn.then(() => answerOfThread<FileText>(start, task, { ...BOUNDS, ...bounds }));
  turn = read;
  const { end, answer } = await read;
  const left = (taken.get(tenantId) ?? 1) - 1;
  if (left === 0) taken.delete(tenantId);
  else taken.set(tenantId, left);
  if (answer === undefined) return { fault: END_WORDS[end] };
  return answer.fault === undefined ? { text: answer.text } : { fault: faultWords(answer, task.kind) };
}

const END_WORDS = {
  answered: "",
  time: `Reading the file takes too long. ${SIMPLER}`,
  memory: `Reading the file takes too much memory. ${SIMPLER}`,
  failed: `The file could not be read. ${SIMPLER}`,
} as const;
