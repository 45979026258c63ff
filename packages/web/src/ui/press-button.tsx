"use client";

import type { ReactNode } from "react";
import { Button, type ButtonLook } from "./button.tsx";

interface PressButtonProps {
  onPress: () => void;
  children: ReactNode;
  look?: ButtonLook;
  className?: string;
}

/**
 * A button for what scripts do, on a page that is seen before its scripts run. A press that comes too early is not lost: React keeps
 * a form that is sent before it has taken the page over, and runs its action then. Not for inside of a form.
 */
export function PressButton({ onPress, children, look = "primary", className }: PressButtonProps) {
  return (
    <form
      action={() => onPress()}
      onSubmit={(event) => {
        // From now on at once: an action is a transition, and would wait behind others.
        event.preventDefault();
        onPress();
      }}
      className="contents"
    >
      <Button type="submit" look={look} {...(className !== undefined && { className })}>
        {children}
      </Button>
    </form>
  );
}
