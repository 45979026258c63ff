"use server";

import { forTenant } from "@openhouse/db/client";
import { deleteThread, renameThread } from "@openhouse/db/queries/chat-threads";
import { guardAction } from "@openhouse/web/action";
import { id, readInput, text } from "@openhouse/web/action-input";
import { requireRole } from "@openhouse/web/require-role";
import { readTitle } from "./thread-title.ts";

export type RenameState = { ok: true; title: string } | { ok: false; error: string };
export type DeleteState = { ok: true } | { ok: false; error: string };

const GONE = "This conversation is not there any more. Please load the page again.";

/** Gives one of the homeowner's own conversations a title; another's is as good as none. */
export const renameConversation: (threadId: string, typed: string) => Promise<RenameState> = guardAction(
  "/chat/[id]: rename",
  async (sentId: string, typed: string): Promise<RenameState> => {
    const { tenantId, homeowner } = await requireRole(["homeowner"]);
    const threadId = readInput(id, sentId);
    const read = readTitle(readInput(text(10_000), typed));
    if ("fault" in read) return { ok: false, error: read.fault };
    const { title } = read;
    const homeownerId = homeowner.id;
    const renamed = await renameThread(forTenant(tenantId), { threadId, homeownerId, title });
    return renamed ? { ok: true, title } : { ok: false, error: GONE };
  },
);

/** Deletes one of the homeowner's own conversations with all that was said in it. Deleting twice is fine. */
export const deleteConversation: (threadId: string) => Promise<DeleteState> = guardAction(
  "/chat/[id]: delete",
  async (sentId: string): Promise<DeleteState> => {
    const { tenantId, homeowner } = await requireRole(["homeowner"]);
    const threadId = readInput(id, sentId);
    await deleteThread(forTenant(tenantId), { threadId, homeownerId: homeowner.id });
    return { ok: true };
  },
);
