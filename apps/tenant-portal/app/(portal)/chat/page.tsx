import { listDocumentsOfHome } from "@openhouse/db/queries/documents";
import { findHome } from "@openhouse/db/queries/homeowners";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import type { Metadata } from "next";
import { assistantKind } from "../../../lib/chat/assistant-kind.ts";
import { MESSAGE_MAX_LENGTH } from "../../../lib/chat/limits.ts";
import NotFound from "../not-found.tsx";
import { NewConversation } from "./new-conversation.tsx";
import { suggestQuestions } from "./suggestions.ts";

export const metadata: Metadata = { title: "Chat" };

interface NewChatProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default guardPage("/chat", async function NewChatPage({ searchParams }: NewChatProps) {
  const { q } = await searchParams;
  const [, home, documents] = await requireRoleWith(["homeowner"], (db, { subjectId }) => [
    findHome(db, subjectId),
    listDocumentsOfHome(db, subjectId),
  ]);
  if (home === null) return notThere(NotFound);
  return (
    <NewConversation
      assistant={assistantKind()}
      developmentName={home.development.name}
      question={typeof q === "string" ? q.trim().slice(0, MESSAGE_MAX_LENGTH) : ""}
      suggestions={suggestQuestions(documents.map(({ title }) => title))}
    />
  );
});
