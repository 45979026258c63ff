import type { Utterance } from "@openhouse/db/queries/messages";
import { passageHref } from "@openhouse/web/passage-link";
import type { ChatMessage, Passage } from "./chat-message.ts";
import { relevantPassages } from "./extract.ts";
import { SEARCH_TOOL } from "./search-documents.ts";
import { passagesOf, queryOf } from "./search-output.ts";

type Part = ChatMessage["parts"][number];
type SearchPart = Extract<Part, { type: "tool-searchDocuments"; state: "output-available" }>;
type SourcePart = Extract<Part, { type: "source-url" }>;

/** A search as part of a message. */
function searchPart(toolCallId: string, query: string, passages: Passage[]): SearchPart {
  return {
    type: `tool-${SEARCH_TOOL}`,
    toolCallId,
    state: "output-available",
    input: { query },
    output: { passages },
  };
}

/** The documents of what a search found that are about what was asked, each once, at the passage that answers best. */
export function sourceParts(query: string, passages: readonly Passage[]): SourcePart[] {
  const sources = new Map<string, SourcePart>();
  for (const { documentId, title, position } of relevantPassages(query, passages)) {
    if (sources.has(documentId)) continue;
    const url = passageHref(documentId, position);
    sources.set(documentId, { type: "source-url", sourceId: documentId, url, title });
  }
  return [...sources.values()];
}

/**
 * A stored conversation as the chat page shows it. An answer has the parts that its stream had: the search for its
 * question, the sources, further searches, the text. A question keeps the id that its page gave it.
 *
 * @param conversation oldest first, of `listConversation`.
 */
export function toUiMessages(conversation: readonly Utterance[]): ChatMessage[] {
  const questions = new Map(conversation.map((each) => [each.id, each]));
  return conversation.map((utterance): ChatMessage => {
    const { id, role, body, status, clientMessageId, replyToId, createdAt } = utterance;
    const metadata = { status, at: createdAt.toISOString() };
    if (role === "user") {
      return { id: clientMessageId ?? id, role, parts: [{ type: "text", text: body }], metadata };
    }
    const question = replyToId === null ? undefined : questions.get(replyToId);
    const searches = [...(question?.toolCalls ?? []), ...utterance.toolCalls]
      .filter(({ name }) => name === SEARCH_TOOL)
      .map(({ id: callId, input, output }) => searchPart(callId, queryOf(input), passagesOf(output)));
    const sources = new Map(
      searches
        .flatMap(({ input, output }) => sourceParts(input.query, output.passages))
        .map((source) => [source.sourceId, source]),
    );
    const text: Part[] = body === "" ? [] : [{ type: "text", text: body }];
    return { id, role, parts: [...searches, ...sources.values(), ...text], metadata };
  });
}
