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
}

/** One of the homeowner's own conversations; a neighbour's is not found, like one that does not exist. For title and page. */
const loadThread = cache(async (threadId: string) => {
  const [, thread, conversation] = await requireRoleWith(["homeowner"], (db, { subjectId: homeownerId }) => [
    findThread(db, { threadId, homeownerId }),
    listConversation(db, { threadId }),
  ]);
  return thread === null ? null : { ...thread, conversation };
});

export const generateMetadata = guardMetadata(
  async ({ params }: ChatProps): Promise<Metadata> => {
    const thread = await loadThread((await params).id);
    return { title: thread?.title ?? "Conversation not found" };
  },
  { title: "Chat" },
);

export default guardPage("/chat/[id]", async function ChatPage({ params }: ChatProps) {
  const thread = await loadThread((await params).id);
  if (thread === null) return notThere(NotFound);
  return (
    <Conversation
      key={thread.id}
      id={thread.id}
      title={thread.title}
      loaded={{ version: randomUUID(), messages: toUiMessages(thread.conversation) }}
      assistant={assistantKind()}
    />
  );
});
