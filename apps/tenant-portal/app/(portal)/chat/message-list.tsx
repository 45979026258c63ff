import { DownIcon } from "@openhouse/web/ui/icons";
import { PressButton } from "@openhouse/web/ui/press-button";
import { type ReactNode, useRef } from "react";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { Activity } from "./activity.tsx";
import { Answer } from "./answer.tsx";
import { textOf } from "./message-text.ts";
import { useFollow } from "./use-follow.ts";

interface MessageListProps {
  messages: readonly ChatMessage[];
  busy: boolean;
  /** Asks the last question again; absent where something else on screen offers it. */
  onAgain: (() => void) | undefined;
  /** What comes below the messages, or in their place. */
  children: ReactNode;
}

/** What was said, in a region that scrolls by itself. A screen reader hears of news from `Announcer`. */
export function MessageList({ messages, busy, onAgain, children }: MessageListProps) {
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const last = messages.at(-1);
  const lastQuestion = messages.findLast(({ role }) => role === "user");
  const { more, showLatest } = useFollow(view, content, lastQuestion?.id);
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable for the arrow keys */}
      <section
        ref={view}
        aria-label="Messages"
        tabIndex={0}
        // Positioned, so that headings for screen readers alone lie within it, and not below the page's end.
        className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain -outline-offset-2 print:overflow-visible"
      >
        <div ref={content} className="mx-auto max-w-3xl">
          {messages.length > 0 && (
            <ol className="space-y-6 py-6">
              {messages.map((message) => (
                <li key={message.id} data-question={message.role === "user" ? message.id : undefined}>
                  {message.role === "user" ? (
                    <Question text={textOf(message)} />
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

function Question({ text }: { text: string }) {
  return (
    <div className="flex flex-col items-end">
      <h2 className="sr-only">You</h2>
      <p className="max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 wrap-anywhere whitespace-pre-wrap">
        {text}
      </p>
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
