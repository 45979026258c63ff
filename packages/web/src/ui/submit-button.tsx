"use client";

import type { ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { type ButtonLook, buttonClass } from "./button.tsx";

interface SubmitButtonProps {
  children: ReactNode;
  /** What the button says while the form is under way, such as "Signing in…". */
  pendingLabel: string;
  /** For a form that is sent without `action`, whose state React does not know. */
  pending?: boolean;
  look?: ButtonLook;
  className?: string;
  "aria-label"?: string;
  /** Runs instead of sending the form; where there are no scripts, the form is sent. */
  onPress?: (() => void) | undefined;
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
  onPress,
}: SubmitButtonProps) {
  const { pending: formPending } = useFormStatus();
  const pending = formPending || pendingElsewhere;
  return (
    <button
      type="submit"
      aria-disabled={pending}
      aria-label={pending ? undefined : label}
      className={buttonClass(look, className)}
      onClick={(event) => {
        if (pending || onPress !== undefined) event.preventDefault();
        if (!pending) onPress?.();
      }}
    >
      {pending ? pendingLabel : children}
    </button>
  );
}
