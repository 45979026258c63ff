import { parentPort, workerData } from "node:worker_threads";
import { docxText } from "./docx-text.ts";
import { pdfText } from "./pdf-text.ts";

export interface FileTask {
  kind: "pdf" | "docx";
  bytes: Uint8Array;
}

const { kind, bytes }: FileTask = workerData;
parentPort?.postMessage(kind === "pdf" ? await pdfText(bytes) : await docxText(bytes));
