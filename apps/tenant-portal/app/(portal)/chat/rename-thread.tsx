"use client";

import { Button } from "@openhouse/web/ui/button";
import { Dialog } from "@openhouse/web/ui/dialog";
import { closes, opens } from "@openhouse/web/ui/dialog-commands";
import { TextField } from "@openhouse/web/ui/field";
import { PencilIcon } from "@openhouse/web/ui/icons";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useActionState, useId, useRef } from "react";
import { renameConversation } from "./actions.ts";
import { IconButton } from "./icon-button.tsx";
import { useLiveChats } from "./live-chats.ts";
import { TITLE_MAX_LENGTH } from "./thread-title.ts";

interface RenameFault {
  typed: string;
  error: string;
}

/** The pencil beside a title, and the question behind it. */
export function RenameThread({ id, title }: { id: string; title: string }) {
  const { renamed } = useLiveChats();
  const question = useRef<HTMLDialogElement>(null);
  const questionId = useId();
  const [fault, rename] = useActionState(async (_before: RenameFault | null, form: FormData) => {
    const typed = String(form.get("title") ?? "");
    const state = await renameConversation(id, typed);
    if (!state.ok) return { typed, error: state.error };
    renamed(id, state.title);
    question.current?.close();
    return null;
  }, null);
  return (
    <>
      <IconButton
        label="Rename conversation"
        {...opens(questionId)}
        onClick={() => question.current?.showModal()}
      >
        <PencilIcon />
      </IconButton>
      <Dialog id={questionId} ref={question} title="Rename this conversation">
        <form action={rename} className="mt-4 space-y-5">
          <TextField
            key={title}
            label="Title"
            name="title"
            required
            maxLength={TITLE_MAX_LENGTH}
            autoComplete="off"
            defaultValue={fault?.typed ?? title}
            error={fault?.error}
          />
          <div className="flex flex-wrap justify-end gap-3">
            <Button look="secondary" {...closes(questionId)} onClick={() => question.current?.close()}>
              Cancel
            </Button>
            <SubmitButton pendingLabel="Saving…">Save</SubmitButton>
          </div>
        </form>
      </Dialog>
    </>
  );
}
