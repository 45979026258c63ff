import { waitFor } from "@openhouse/pool/testing";
import { type Reply, startModelServer } from "./model-server.ts";

/** A model whose answers the test says piece by piece, so that nothing depends on time. */
export interface SpeakingModel {
  /** For `CHAT_BASE_URL`. */
  readonly baseUrl: string;
  /** Waits for the next question that nobody answers yet. */
  next(): Promise<Reply>;
  stop(): Promise<void>;
}

export async function startSpeakingModel(): Promise<SpeakingModel> {
  const { baseUrl, behave, stop } = await startModelServer();
  const waiting: Reply[] = [];
  behave((reply) => void waiting.push(reply));
  return { baseUrl, stop, next: () => waitFor(() => waiting.shift(), { what: "the model to be asked" }) };
}
