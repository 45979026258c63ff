import { PressButton } from "@openhouse/web/ui/press-button";
import { type RefObject, useState } from "react";
import { type CopyOutcome, copyText } from "./copy-text.ts";

const TOLD: Record<CopyOutcome, string> = {
  copied: "Copied",
  selected: "The answer is selected: copy it with Ctrl and C, or ⌘ and C.",
};

/** Copies an answer's text, and says that it did, or what is left to do. */
export function CopyAnswer({ text }: { text: RefObject<HTMLElement | null> }) {
  const [outcome, setOutcome] = useState<CopyOutcome | null>(null);
  const copy = async () => {
    if (text.current !== null) setOutcome(await copyText(text.current));
  };
  return (
    <>
      <PressButton look="quiet" className="-ml-3 px-3" onPress={() => void copy()}>
        Copy<span className="sr-only"> answer</span>
      </PressButton>
      <span role="status">{outcome === null ? "" : TOLD[outcome]}</span>
    </>
  );
}
