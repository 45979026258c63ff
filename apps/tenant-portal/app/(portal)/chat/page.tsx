import { forTenant } from "@openhouse/db/client";
import { listDocuments } from "@openhouse/db/queries/documents";
import { findHome } from "@openhouse/db/queries/homeowners";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import type { Metadata } from "next";
import { assistantKind } from "../../../lib/chat/assistant-kind.ts";
import NotFound from "../not-found.tsx";
import { NewConversation } from "./new-conversation.tsx";
import { suggestQuestions } from "./suggestions.ts";

export const metadata: Metadata = { title: "Chat" };

export default guardPage("/chat", async function NewChatPage() {
  const { tenantId, homeowner } = await requireRole(["homeowner"]);
  const db = forTenant(tenantId);
  const home = await findHome(db, homeowner.id);
  if (home === null) return notThere(NotFound);
  const documents = await listDocuments(db, { developmentId: home.development.id });
  return (
    <NewConversation
      assistant={assistantKind()}
      developmentName={home.development.name}
      suggestions={suggestQuestions(documents.map(({ title }) => title))}
    />
  );
});
