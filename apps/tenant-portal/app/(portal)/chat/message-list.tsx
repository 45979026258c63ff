import { ButtonLink } from "@openhouse/web/ui/button";
import { DownIcon } from "@openhouse/web/ui/icons";
import { PressButton } from "@openhouse/web/ui/press-button";
import { type ReactNode, useRef } from "react";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { Activity } from "./activity.tsx";
import { Answer } from "./answer.tsx";
import { Question } from "./question.tsx";
import { useFollow } from "./use-follow.ts";

interface MessageListProps {
  messages: readonly ChatMessage[];
  busy: boolean;
  /** Asks the last question again; absent where something else on screen offers it. */
  onAgain: (() => void) | undefined;
  /** Asks the last question anew, in other words. */
  onEdit: (text: string) => void;
  /** Where the conversation is shown from further back; null where all of it is shown. */
  earlierHref: string | null;
  /** What comes below the messages, or in their place. */
  children: ReactNode;
}

/** What was said, in a region that scrolls by itself. A screen reader hears of news from `Announcer`. */
export function MessageList({ messages, busy, onAgain, onEdit, earlierHref, children }: MessageListProps) {
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const last = messages.at(-1);
  const lastQuestion = messages.findLast(({ role }) => role === "user");
  const { more, showLatest } = useFollow(view, content, lastQuestion?.id, messages[0]?.id);
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable for the arrow keys */}
      <section
        ref={view}
        aria-label="Messages"
        tabIndex={0}
        // Positioned, so that headings for screen readers alone lie within it, and not below the page's end.
        className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain [overflow-anchor:none] -outline-offset-2 print:overflow-visible"
      >
        <div ref={content} className="mx-auto max-w-3xl">
          {earlierHref !== null && (
            <p className="pt-4 text-center">
              <ButtonLink look="quiet" href={earlierHref} prefetch={false} scroll={false}>
                Show earlier messages
              </ButtonLink>
            </p>
          )}
          {messages.length > 0 && (
            <ol className="space-y-6 py-6">
              {messages.map((message) => (
                <li key={message.id} data-question={message.role === "user" ? message.id : undefined}>
                  {message.role === "user" ? (
                    <Question
                      message={message}
                      onEdit={!busy && message === lastQuestion ? onEdit : undefined}
                    />
                  ) : (
                    <Answer
                      message={message}
                      underWay={busy && message === last}
                      onAgain={!busy && message === last ? onAgain : undefined}
                    />
                  )}
                </li>
              ))}
              {busy && last?.role === "user" && (
                <li>
                  <Activity doing="Sending your question…" />
                </li>
              )}
              {!busy && last?.role === "user" && onAgain !== undefined && <Unanswered onAgain={onAgain} />}
            </ol>
          )}
          {children}
        </div>
      </section>
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: closes the range above */}
      {more && (
        <button
          type="button"
          onClick={showLatest}
          aria-label="Go to the end"
          title="Go to the end"
          className="absolute right-1 bottom-1 inline-flex size-11 items-center justify-center rounded-full border border-edge bg-surface shadow-card hover:bg-sunken sm:size-10 print:hidden"
        >
          <DownIcon />
        </button>
      )}
    </div>
  );
}

function Unanswered({ onAgain }: { onAgain: () => void }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-muted">
      This question was not answered.
      <PressButton look="secondary" onPress={onAgain}>
        Ask again
      </PressButton>
    </li>
  );
}
