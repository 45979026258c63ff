import { waitFor } from "@openhouse/pool-testing";
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
  const waiting = new Set<Reply>();
  behave((reply) => {
    waiting.add(reply);
    // Whoever asked may leave before anybody looks: a test that failed leaves nothing to the next.
    void reply.closed.then(() => waiting.delete(reply));
  });
  const next = async () => {
    const reply = await waitFor(() => waiting.values().next().value, { what: "the model to be asked" });
    waiting.delete(reply);
    return reply;
  };
  return { baseUrl, stop, next };
}
