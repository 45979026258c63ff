import { parentPort, workerData } from "node:worker_threads";
import { makeDocument, type SourceText } from "./document.ts";

export interface WorkerTask {
  source: SourceText;
  asText: boolean;
}

const { source, asText }: WorkerTask = workerData;
parentPort?.postMessage(makeDocument(source, asText));
