import { PressButton } from "@openhouse/web/ui/press-button";
import { memo, useState } from "react";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { EditQuestion } from "./edit-question.tsx";
import { LocalTime } from "./local-time.tsx";
import { textOf } from "./message-text.ts";

interface QuestionProps {
  message: ChatMessage;
  /** Asks it anew in other words; absent where that is not offered. */
  onEdit: ((text: string) => void) | undefined;
}

/** What the homeowner asked, when, and, of the last question, the way to put it in other words. */
export const Question = memo(function Question({ message, onEdit }: QuestionProps) {
  const [editing, setEditing] = useState(false);
  const text = textOf(message);
  const at = message.metadata?.at;
  return (
    <div className="flex flex-col items-end">
      <h2 className="sr-only">You</h2>
      {editing && onEdit !== undefined ? (
        <EditQuestion
          text={text}
          onAsk={(changed) => {
            setEditing(false);
            onEdit(changed);
          }}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <p className="max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 wrap-anywhere whitespace-pre-wrap">
          {text}
        </p>
      )}
      <div className="flex min-h-8 items-center justify-end gap-1 text-xs text-muted">
        {onEdit !== undefined && !editing && (
          <PressButton look="quiet" className="px-3" onPress={() => setEditing(true)}>
            Edit<span className="sr-only"> question</span>
          </PressButton>
        )}
        {at !== undefined && <LocalTime at={at} />}
      </div>
    </div>
  );
});
