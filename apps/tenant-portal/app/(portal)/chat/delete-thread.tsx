"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { Button } from "@openhouse/web/ui/button";
import { Dialog } from "@openhouse/web/ui/dialog";
import { closes, opens } from "@openhouse/web/ui/dialog-commands";
import { BinIcon } from "@openhouse/web/ui/icons";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useRouter } from "next/navigation";
import { useActionState, useId, useRef } from "react";
import { deleteConversation } from "./actions.ts";
import { writeDraft } from "./drafts.ts";
import { IconButton } from "./icon-button.tsx";
import { useLiveChats } from "./live-chats.ts";
import { useThreads } from "./threads.tsx";

/** The bin beside a title, and the question behind it. */
export function DeleteThread({ id, title }: { id: string; title: string }) {
  const { chats, deleted } = useLiveChats();
  const { homeownerId } = useThreads();
  const router = useRouter();
  const question = useRef<HTMLDialogElement>(null);
  const questionId = useId();
  const [error, remove] = useActionState(async () => {
    await chats.stop(id); // an answer under way would be written to a conversation that is gone
    const state = await deleteConversation(id);
    if (!state.ok) return state.error;
    router.replace("/chat");
    writeDraft({ homeownerId, threadId: id }, "");
    deleted(id);
    return null;
  }, null);
  return (
    <>
      <IconButton
        label="Delete conversation"
        {...opens(questionId)}
        onClick={() => question.current?.showModal()}
      >
        <BinIcon />
      </IconButton>
      <Dialog id={questionId} ref={question} title="Delete this conversation?">
        <form action={remove} className="mt-2 space-y-5">
          <p className="text-sm text-muted">
            “<span className="wrap-anywhere">{title}</span>” and everything said in it will be gone for good.
          </p>
          {error !== null && <Alert tone="critical">{error}</Alert>}
          <div className="flex flex-wrap justify-end gap-3">
            <Button look="secondary" {...closes(questionId)} onClick={() => question.current?.close()}>
              Keep it
            </Button>
            <SubmitButton pendingLabel="Deleting…">Delete</SubmitButton>
          </div>
        </form>
      </Dialog>
    </>
  );
}
