import { randomUUID } from "node:crypto";
import { findThread } from "@openhouse/db/queries/chat-threads";
import { listConversation } from "@openhouse/db/queries/messages";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import type { Metadata } from "next";
import { cache } from "react";
import { assistantKind } from "../../../../lib/chat/assistant-kind.ts";
import { toUiMessages } from "../../../../lib/chat/ui-messages.ts";
import NotFound from "../../not-found.tsx";
import { Conversation } from "../conversation.tsx";

interface ChatProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Messages that are shown at first, and how many more each time that somebody reads further back. */
const MESSAGES_AT_ONCE = 100;
/** A page with more is slow on a phone. */
const MOST_MESSAGES = 2_000;

/** How many messages an address asks for, in `?shown=200`. */
function readShown(shown: string | string[] | undefined): number {
  const wanted = typeof shown === "string" && /^\d{1,6}$/.test(shown) ? Number(shown) : MESSAGES_AT_ONCE;
  return Math.min(Math.max(wanted, MESSAGES_AT_ONCE), MOST_MESSAGES);
}

/** One of the homeowner's own conversations; a neighbour's is not found, like one that does not exist. For title and page. */
const loadThread = cache(async (threadId: string, shown: number) => {
  const [, thread, conversation] = await requireRoleWith(["homeowner"], (db, { subjectId: homeownerId }) => [
    findThread(db, { threadId, homeownerId }),
    // One more, to know whether there are more.
    listConversation(db, { threadId, limit: shown + 1 }),
  ]);
  if (thread === null) return null;
  const hasEarlier = conversation.length > shown;
  return { ...thread, hasEarlier, conversation: hasEarlier ? conversation.slice(1) : conversation };
});

export const generateMetadata = guardMetadata(
  async ({ params, searchParams }: ChatProps): Promise<Metadata> => {
    const thread = await loadThread((await params).id, readShown((await searchParams).shown));
    return { title: thread?.title ?? "Conversation not found" };
  },
  { title: "Chat" },
);

export default guardPage("/chat/[id]", async function ChatPage({ params, searchParams }: ChatProps) {
  const shown = readShown((await searchParams).shown);
  const thread = await loadThread((await params).id, shown);
  if (thread === null) return notThere(NotFound);
  return (
    <Conversation
      key={thread.id}
      id={thread.id}
      title={thread.title}
      loaded={{ version: randomUUID(), messages: toUiMessages(thread.conversation) }}
      assistant={assistantKind()}
      earlierHref={
        thread.hasEarlier && shown < MOST_MESSAGES
          ? `/chat/${thread.id}?shown=${shown + MESSAGES_AT_ONCE}`
          : null
      }
    />
  );
});
