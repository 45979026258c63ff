"use client";

import type { ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { type ButtonLook, buttonClass } from "./button.tsx";
import { opens } from "./dialog-commands.tsx";

interface SubmitButtonProps {
  children: ReactNode;
  /** What the button says while the form is under way, such as "Signing in…". */
  pendingLabel: string;
  /** For a form that is sent without `action`, whose state React does not know. */
  pending?: boolean;
  look?: ButtonLook;
  className?: string;
  "aria-label"?: string;
  /** A dialog to open instead, where another button sends the form: before the page's scripts run, too, so that nothing is done unasked. */
  question?: { dialogId: string; ask: () => void } | undefined;
}

/**
 * Sends its form, once. While the form is under way it keeps the focus and says so, and a second press does nothing:
 * `disabled` would throw the keyboard back to the top of the page.
 */
export function SubmitButton({
  children,
  pendingLabel,
  pending: pendingElsewhere = false,
  look = "primary",
  className,
  "aria-label": label,
  question,
}: SubmitButtonProps) {
  const { pending: formPending } = useFormStatus();
  const pending = formPending || pendingElsewhere;
  return (
    <button
      type={question === undefined ? "submit" : "button"}
      {...(question !== undefined && !pending && opens(question.dialogId))}
      aria-disabled={pending}
      aria-label={pending ? undefined : label}
      className={buttonClass(look, className)}
      onClick={(event) => {
        if (pending) event.preventDefault();
        else question?.ask();
      }}
    >
      {pending ? pendingLabel : children}
    </button>
  );
}
