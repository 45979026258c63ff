import { randomUUID } from "node:crypto";
import type { Answer } from "@openhouse/db/queries/answers";
import { logError } from "@openhouse/web/log-error";
import { isStepCount, streamText, toUIMessageChunk } from "ai";
import type { AnswerJob } from "./answer-job.ts";
import type { RemoteAssistant } from "./assistant.ts";
import type { ChatMessage, ChatTools } from "./chat-message.ts";
import { ERROR_TEXT } from "./error-text.ts";
import type { Write } from "./event-stream.ts";
import { inPieces, localAnswer } from "./local-answer.ts";
import { logModelError } from "./model-error.ts";
import { INSTRUCTIONS } from "./prompt.ts";
import { quotedPassages } from "./quoted.ts";
import { chatTools, SEARCH_TOOL } from "./search-documents.ts";
import { sourceParts } from "./ui-messages.ts";

/** Answering, and searching twice more. */
const MOST_STEPS = 3;
const LONGEST_ANSWER_MS = 120_000;
type SearchOutput = ChatTools["searchDocuments"]["output"];

/** Many times what an answer has. What a model that does not stop says is kept in memory until it is stored. */
const LONGEST_ANSWER_CHARACTERS = 50_000;

/** What a model has said, and how it came to an end. */
export interface Said {
  text: string;
  lookups: Answer["lookups"][number][];
  /** `left`: the reader has; `silent`: the model kept its reader waiting too long; `nothing`: it ended without a word. */
  ending: "complete" | "left" | "failed" | "silent" | "nothing";
}

/**
 * Has the assistant answer and hands on what it says. Never throws: what was said until a failure is the answer. Errors are
 * not handed on; the caller tells the reader when the answer is stored.
 */
export async function relayModel(job: AnswerJob, write: Write): Promise<Said> {
  const said: Said = { text: "", lookups: [], ending: "complete" };
  try {
    const { assistant } = job;
    if (assistant.local) await quote(job, said, write);
    else await relay(job, assistant, said, write);
    if (said.ending === "complete" && said.text.trim() === "") said.ending = "nothing";
  } catch (error) {
    fail(job, said, error);
  }
  if (job.signal.aborted && said.ending !== "complete") said.ending = "left";
  return said;
}

/** Hands on what the local assistant quotes. Through the SDK, with a model's steps and tools, it would cost several times as much. */
async function quote({ lookup, search, signal }: AnswerJob, said: Said, write: Write): Promise<void> {
  const id = "0";
  write({ type: "start-step" });
  const further: { query: string; output: Awaited<ReturnType<typeof search>> }[] = [];
  const answer = await localAnswer(lookup.input.query, lookup.output.passages, async (query) => {
    const output = await search(query);
    further.push({ query, output });
    return output;
  });
  for (const { query, output } of further) {
    // Who to call is quoted in an emergency alone; elsewhere the number is in the assistant's own words.
    const quoted = quotedPassages(answer, output.passages);
    if (quoted.length > 0) tellOfSearch({ query }, { passages: quoted }, said, write);
  }
  write({ type: "text-start", id });
  for await (const delta of inPieces(answer, signal)) {
    said.text += delta;
    write({ type: "text-delta", id, delta });
  }
  write({ type: "text-end", id });
  write({ type: "finish-step" });
}

/** A further search that the answer quotes: a part of the message, and stored with it. */
function tellOfSearch(input: { query: string }, output: SearchOutput, said: Said, write: Write): void {
  const toolCallId = randomUUID();
  write({ type: "tool-input-available", toolCallId, toolName: SEARCH_TOOL, input });
  write({ type: "tool-output-available", toolCallId, output });
  for (const source of sourceParts(input.query, output.passages)) write(source);
  said.lookups.push({ name: SEARCH_TOOL, input, output });
}

async function relay(job: AnswerJob, assistant: RemoteAssistant, said: Said, write: Write): Promise<void> {
  const { prompt, search, signal } = job;
  const tools = chatTools(search, (error) => logError(error, { route: "/api/chat: searchDocuments" }));
  const result = streamText({
    model: assistant.model,
    instructions: INSTRUCTIONS,
    messages: prompt,
    tools,
    stopWhen: isStepCount(MOST_STEPS),
    // The last step is for the answer.
    prepareStep: ({ stepNumber }) => (stepNumber === MOST_STEPS - 1 ? { toolChoice: "none" } : {}),
    abortSignal: signal,
    timeout: {
      totalMs: LONGEST_ANSWER_MS,
      firstChunkMs: assistant.silenceMs,
      chunkMs: assistant.silenceMs,
    },
    maxRetries: 1,
    // Would print the error, the prompt within.
    onError() {},
  });
  for await (const part of result.stream) {
    if (part.type === "error") fail(job, said, part.error);
    else if (part.type === "abort") said.ending = signal.aborted ? "left" : "silent";
    else if (part.type === "text-start" && said.text !== "") said.text += "\n\n";
    else if (part.type === "text-delta") said.text += part.text;
    if (said.text.length > LONGEST_ANSWER_CHARACTERS) throw new RangeError("the model does not stop");
    if (part.type === "error" || part.type === "abort") continue;
    const chunk = toUIMessageChunk<typeof tools, ChatMessage>(part, {
      tools,
      sendReasoning: false,
      sendStart: false,
      sendFinish: false,
      onError: () => ERROR_TEXT.failed,
    });
    if (chunk !== undefined) write(chunk);
    if (part.type !== "tool-result" || part.dynamic) continue;
    const { toolName: name, input, output } = part;
    said.lookups.push({ name, input, output });
    for (const source of sourceParts(input.query, output.passages)) write(source);
  }
}

function fail({ assistant, signal }: AnswerJob, said: Said, error: unknown): void {
  said.ending = "failed";
  if (!signal.aborted) logModelError(error, assistant.label);
}
