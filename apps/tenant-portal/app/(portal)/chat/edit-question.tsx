import { Button } from "@openhouse/web/ui/button";
import { useEffect, useId, useRef, useState } from "react";
import { MESSAGE_MAX_LENGTH } from "../../../lib/chat/limits.ts";

interface EditQuestionProps {
  text: string;
  /** Asks this in its place. */
  onAsk: (text: string) => void;
  onCancel: () => void;
}

/** The last question, to be put in other words. Enter asks, Escape leaves it as it was. */
export function EditQuestion({ text, onAsk, onCancel }: EditQuestionProps) {
  const [typed, setTyped] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const asked = typed.trim();
  const sendable = asked !== "" && asked !== text && asked.length <= MESSAGE_MAX_LENGTH;
  const ask = () => {
    if (sendable) onAsk(asked);
  };

  useEffect(() => {
    const { current: area } = field;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
      className="w-full max-w-[85%] space-y-2"
    >
      <label htmlFor={id} className="sr-only">
        Put it in other words
      </label>
      <textarea
        ref={field}
        id={id}
        rows={1}
        value={typed}
        maxLength={MESSAGE_MAX_LENGTH}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onCancel();
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          ask();
        }}
        className="field-sizing-content -outline-offset-2 block max-h-[min(10rem,25dvh)] min-h-11 w-full resize-none rounded-xl border border-edge bg-surface px-4 py-2.5 text-base sm:text-sm"
      />
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button look="primary" type="submit" aria-disabled={!sendable}>
          Ask anew
        </Button>
      </div>
      <p className="text-right text-xs text-muted">The answer to the earlier words goes with them.</p>
    </form>
  );
}
