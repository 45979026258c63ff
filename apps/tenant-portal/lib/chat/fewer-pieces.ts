import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { LanguageModelMiddleware } from "ai";

/** A reader sees no difference between words that come more often. In milliseconds. */
export const PIECE_MS = 40;

type Delta = Extract<LanguageModelV4StreamPart, { type: "text-delta" | "reasoning-delta" }>;

/**
 * Has a model's text come in pieces of 40 ms, the first one at once: however short it is, a piece costs the process the same
 * on its way through the streams behind it.
 */
export const fewerPieces: LanguageModelMiddleware = {
  specificationVersion: "v4",
  async wrapStream({ doStream }) {
    const { stream, ...rest } = await doStream();
    return { stream: inPieces(stream), ...rest };
  },
};

function inPieces(
  source: ReadableStream<LanguageModelV4StreamPart>,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader();
  let held: Delta | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  return new ReadableStream({
    async pull(controller) {
      const handOn = () => {
        clearTimeout(timer);
        timer = undefined;
        if (held === undefined) return;
        controller.enqueue(held);
        held = undefined;
        lastAtMs = performance.now();
      };
      try {
        // Until something was handed on: a stream does not ask again before.
        for (;;) {
          const { done, value } = await reader.read();
          const isDelta = !done && (value.type === "text-delta" || value.type === "reasoning-delta");
          if (!isDelta || held?.type !== value.type || held.id !== value.id) handOn();
          if (done) return controller.close();
          if (!isDelta) return controller.enqueue(value);
          held = { ...value, delta: (held?.delta ?? "") + value.delta };
          const leftMs = lastAtMs + PIECE_MS - performance.now();
          if (leftMs <= 0) return handOn();
          timer ??= setTimeout(handOn, leftMs);
        }
      } catch (error) {
        clearTimeout(timer);
        throw error;
      }
    },
    async cancel(reason) {
      clearTimeout(timer);
      held = undefined;
      await reader.cancel(reason);
    },
  });
}
