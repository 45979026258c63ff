import { randomUUID } from "node:crypto";
import { forTenant } from "@openhouse/db/client";
import { findThread } from "@openhouse/db/queries/chat-threads";
import { listConversation } from "@openhouse/db/queries/messages";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import type { Metadata } from "next";
import { cache } from "react";
import { assistantKind } from "../../../../lib/chat/assistant-kind.ts";
import { toUiMessages } from "../../../../lib/chat/ui-messages.ts";
import NotFound from "../../not-found.tsx";
import { Conversation } from "../conversation.tsx";

interface ChatProps {
  params: Promise<{ id: string }>;
}

/** One of the homeowner's own conversations; a neighbour's is not found, like one that does not exist. */
const loadThread = cache(async (threadId: string) => {
  const { tenantId, homeowner } = await requireRole(["homeowner"]);
  return findThread(forTenant(tenantId), { threadId, homeownerId: homeowner.id });
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
  const { tenantId } = await requireRole(["homeowner"]);
  const conversation = await listConversation(forTenant(tenantId), { threadId: thread.id });
  return (
    <Conversation
      key={thread.id}
      id={thread.id}
      title={thread.title}
      loaded={{ version: randomUUID(), messages: toUiMessages(conversation) }}
      assistant={assistantKind()}
    />
  );
});
