import { AnswerText } from "@openhouse/web/ui/answer-text";
import { Badge } from "@openhouse/web/ui/badge";
import { PressButton } from "@openhouse/web/ui/press-button";
import { memo, useRef } from "react";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { Activity } from "./activity.tsx";
import { activityOf } from "./activity-of.ts";
import { CopyAnswer } from "./copy-answer.tsx";
import { LocalTime } from "./local-time.tsx";
import { textOf } from "./message-text.ts";
import { Search } from "./search.tsx";
import { Sources } from "./sources.tsx";

interface AnswerProps {
  message: ChatMessage;
  underWay: boolean;
  onAgain: (() => void) | undefined;
}

/** An answer: where it was looked for, what it says, its sources, whether it is whole, and when it was given. */
export const Answer = memo(function Answer({ message, underWay, onAgain }: AnswerProps) {
  const text = textOf(message);
  const cutOff = !underWay && message.metadata?.status !== "complete";
  const doing = underWay ? activityOf(message) : null;
  const shown = useRef<HTMLDivElement>(null);
  const at = message.metadata?.at;
  return (
    <>
      <article aria-busy={underWay} className="space-y-3">
        <h2 className="text-sm font-semibold text-muted">Assistant</h2>
        {message.parts.map((part) =>
          part.type === "tool-searchDocuments" ? <Search key={part.toolCallId} part={part} /> : null,
        )}
        {text !== "" && (
          <div ref={shown}>
            <AnswerText source={text} />
          </div>
        )}
        {doing !== null && <Activity doing={doing} />}
        {!underWay && <Sources message={message} />}
        {cutOff && (
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <Badge tone="caution">Stopped</Badge>
            <span className="text-sm text-muted">This answer was not finished.</span>
            {onAgain !== undefined && (
              <PressButton look="secondary" onPress={onAgain}>
                Ask again
              </PressButton>
            )}
          </div>
        )}
      </article>
      {!underWay && (
        <div className="mt-1 flex min-h-8 flex-wrap items-center gap-x-2 text-xs text-muted">
          {text !== "" && <CopyAnswer text={shown} />}
          {at !== undefined && <LocalTime at={at} />}
        </div>
      )}
    </>
  );
});
