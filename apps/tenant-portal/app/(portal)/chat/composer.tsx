import { buttonClass } from "@openhouse/web/ui/button";
import { classNames } from "@openhouse/web/ui/class-names";
import { SendIcon, StopIcon } from "@openhouse/web/ui/icons";
import { ErrorIcon } from "@openhouse/web/ui/status-icons";
import Link from "next/link";
import { type KeyboardEvent, type RefObject, useEffect, useId, useLayoutEffect, useState } from "react";
import type { AssistantKind } from "../../../lib/chat/assistant-kind.ts";
import { MESSAGE_MAX_LENGTH } from "../../../lib/chat/limits.ts";
import { takeHandedOver } from "../hand-over.ts";
import { type DraftPlace, readDraft, writeDraft } from "./drafts.ts";

/** From here on the length is shown. */
const SHOW_LENGTH_FROM = MESSAGE_MAX_LENGTH - 500;

const NOTES: Record<AssistantKind, string> = {
  model: "Answers are written by AI from your documents and can be wrong. Check the sources.",
  passages:
    "Local extractive assistant: no AI model is connected, answers are passages from your documents, word for word.",
};

interface ComposerProps {
  ref: RefObject<HTMLTextAreaElement | null>;
  busy: boolean;
  assistant: AssistantKind;
  /** Where what is typed and not sent is kept. */
  draftPlace: DraftPlace;
  /** What stands in the field to begin with, instead of a draft. */
  prefilled: string;
  /** Whether the question is on its way; otherwise it stays where it was typed. */
  onAsk: (question: string) => boolean;
  onStop: () => void;
}

/**
 * Where a question is typed. Enter sends, Shift and Enter begin a new line; while an answer is under way the next question can be
 * typed and not yet sent.
 */
export function Composer({ ref, busy, assistant, draftPlace, prefilled, onAsk, onStop }: ComposerProps) {
  const [text, setText] = useState(prefilled);
  const id = useId();
  const question = text.trim();
  const excess = question.length - MESSAGE_MAX_LENGTH;
  const sendable = question !== "" && excess <= 0 && !busy;

  const change = (typed: string) => {
    setText(typed);
    writeDraft(draftPlace, typed);
  };
  // What was typed before this page's scripts ran is in the field, and React does not know of it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the draft of the conversation that is opened, once
  useLayoutEffect(() => {
    const typed = ref.current?.value ?? "";
    setText(typed === "" ? readDraft(draftPlace) : typed);
  }, [ref]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is opened
  useEffect(() => {
    if (prefilled !== "" && takeHandedOver() === prefilled && onAsk(prefilled)) setText("");
  }, []);

  const send = (typed: string) => {
    const asked = typed.trim();
    if (asked !== "" && asked.length <= MESSAGE_MAX_LENGTH && onAsk(asked)) change("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter chooses it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send(text);
  };

  return (
    <form
      // For a press on Send before the scripts ran: React keeps the form, and runs this when it has taken the page over.
      action={(form) => send(String(form.get("question") ?? ""))}
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
        ref.current?.focus();
      }}
      className="mx-auto w-full max-w-3xl space-y-1.5 pt-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] print:hidden"
    >
      <label htmlFor={id} className="sr-only">
        Your question
      </label>
      <div
        className={classNames(
          "flex items-end gap-2 rounded-xl border bg-surface p-1.5 shadow-card",
          "has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:outline-(--focus)",
          excess > 0 ? "border-critical" : "border-edge",
        )}
      >
        <textarea
          ref={ref}
          id={id}
          name="question"
          rows={1}
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          enterKeyHint="send"
          placeholder="Ask about your home"
          aria-describedby={classNames(`${id}-note`, text.length >= SHOW_LENGTH_FROM && `${id}-length`)}
          aria-invalid={excess > 0 ? true : undefined}
          className="field-sizing-content max-h-[min(10rem,25dvh)] min-h-11 min-w-0 flex-1 resize-none bg-transparent px-2.5 py-2.5 text-base outline-none placeholder:text-muted sm:min-h-10 sm:py-2.5 sm:text-sm"
        />
        {/* Two elements, not one that changes: a press on Stop would end as one on Send, which takes its place meanwhile. */}
        {busy ? (
          <button
            key="stop"
            type="button"
            onClick={(event) => {
              if (event.detail > 1) return; // the second half of a double press on Send
              onStop();
              ref.current?.focus();
            }}
            className={buttonClass("secondary", "px-3")}
          >
            <StopIcon className="size-4" />
            Stop
          </button>
        ) : (
          <button
            key="send"
            type="submit"
            aria-disabled={!sendable}
            className={buttonClass("primary", "px-3")}
          >
            <SendIcon className="size-4" />
            Send
          </button>
        )}
      </div>
      {text.length >= SHOW_LENGTH_FROM && (
        <p
          id={`${id}-length`}
          className={classNames(
            "flex gap-1.5 px-2 text-sm",
            excess > 0 ? "font-medium text-critical" : "text-muted",
          )}
        >
          {excess > 0 && <ErrorIcon className="mt-0.5 size-4 shrink-0" />}
          {lengthNote(question.length, excess)}
        </p>
      )}
      <noscript>
        <p className="px-2 py-1 text-sm">
          Asking needs JavaScript, which is switched off in this browser.{" "}
          <Link href="/search" className="font-medium text-accent underline">
            Search your documents
          </Link>{" "}
          works without.
        </p>
      </noscript>
      <p id={`${id}-note`} className="px-2 text-xs text-muted">
        {NOTES[assistant]}
      </p>
    </form>
  );
}

const COUNT = new Intl.NumberFormat("en-GB");

function lengthNote(length: number, excess: number): string {
  if (excess <= 0) return `${COUNT.format(length)} of ${COUNT.format(MESSAGE_MAX_LENGTH)} characters`;
  const characters = excess === 1 ? "1 character" : `${COUNT.format(excess)} characters`;
  return `This is ${characters} too long. A question has ${COUNT.format(MESSAGE_MAX_LENGTH)} at most.`;
}
