"use client";

import { type ReactNode, type RefObject, useId } from "react";
import { classNames } from "./class-names.tsx";

interface DialogProps {
  /** What its buttons name, with `opens` and `closes`. */
  id: string;
  /** Opened with `showModal()`, closed with `close()`, Escape, or a press beside it. */
  ref: RefObject<HTMLDialogElement | null>;
  title: string;
  children: ReactNode;
  /** `side`: as high as the screen, at its left edge. */
  place?: "middle" | "side";
  onClose?: () => void;
}

const PLACES = {
  middle: { dialog: "m-auto w-[calc(100%-2rem)] max-w-sm rounded-xl border", box: "p-6" },
  side: { dialog: "mr-auto h-dvh max-h-none w-80 max-w-[calc(100%-3rem)] border-r", box: "h-full p-4" },
} as const;

/** A question or a list above the page. The browser keeps the focus inside and gives it back where it was. */
export function Dialog({ id, ref, title, children, place = "middle", onClose }: DialogProps) {
  const titleId = useId();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a keyboard closes it with Escape, which the browser sees to
    <dialog
      id={id}
      ref={ref}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        // The dialog itself is hit only beside its box: the padding belongs to the box below.
        if (event.target === ref.current) ref.current.close();
      }}
      className={classNames(
        "border-line bg-surface p-0 text-ink shadow-card backdrop:bg-shade print:hidden",
        PLACES[place].dialog,
      )}
    >
      <div className={classNames("flex flex-col", PLACES[place].box)}>
        <h2 id={titleId} className="text-lg font-semibold tracking-tight">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
