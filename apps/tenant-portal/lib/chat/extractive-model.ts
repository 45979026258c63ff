import { setTimeout as sleep } from "node:timers/promises";
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { extractiveAnswer } from "./extract.ts";
import { passagesOf } from "./search-output.ts";

/** Between two groups of words, in milliseconds: an answer is seen to come, and is there within a second or two. */
const PAUSE_MS = 40;
const WORDS_AT_ONCE = 8;
const FINISHED = {
  finishReason: { unified: "stop", raw: undefined },
  usage: {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  },
} as const;

/**
 * A language model that needs no service and invents nothing: it quotes the sentences of the passages it was handed that
 * answer best, names their document, and says when there are none. It calls no tools and remembers nothing said before.
 */
export const extractiveModel: LanguageModelV4 = {
  specificationVersion: "v4",
  provider: "openhouse",
  modelId: "extractive",
  supportedUrls: {},

  async doGenerate({ prompt }) {
    return { content: [{ type: "text", text: answerTo(prompt) }], ...FINISHED, warnings: [] };
  },

  async doStream({ prompt, abortSignal }: LanguageModelV4CallOptions) {
    const pieces = inPieces(answerTo(prompt), abortSignal);
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return();
      },
    });
    return { stream };
  },
};

function answerTo(prompt: LanguageModelV4Prompt): string {
  let question = "";
  let passages = passagesOf(undefined);
  for (const message of prompt) {
    if (message.role === "user") {
      question = message.content.map((part) => (part.type === "text" ? part.text : "")).join(" ");
      passages = [];
    }
    if (message.role !== "tool") continue;
    for (const part of message.content) {
      if (part.type !== "tool-result" || part.output.type !== "json") continue;
      passages.push(...passagesOf(part.output.value));
    }
  }
  return extractiveAnswer(question, passages);
}

async function* inPieces(
  text: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<LanguageModelV4StreamPart, void, void> {
  yield { type: "stream-start", warnings: [] };
  yield { type: "text-start", id: "0" };
  const words = text.match(/\S+\s*/g) ?? [];
  for (let start = 0; start < words.length; start += WORDS_AT_ONCE) {
    if (start > 0) await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
    yield { type: "text-delta", id: "0", delta: words.slice(start, start + WORDS_AT_ONCE).join("") };
  }
  yield { type: "text-end", id: "0" };
  yield { type: "finish", ...FINISHED };
}
