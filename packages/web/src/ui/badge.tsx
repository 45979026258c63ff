import type { ReactNode } from "react";
import { classNames } from "./class-names.tsx";

export type BadgeTone = "neutral" | "accent" | "good" | "caution" | "critical";

const TONES: Record<BadgeTone, string> = {
  neutral: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent-strong",
  good: "bg-good-soft text-good",
  caution: "bg-caution-soft text-caution",
  critical: "bg-critical-soft text-critical",
};

/** A word or two about what something is. The word carries the meaning, the tone only helps the eye. */
export function Badge({ tone = "neutral", children }: { tone?: BadgeTone; children: ReactNode }) {
  return (
    <span
      className={classNames(
        "inline-flex items-center rounded-md px-2 py-0.5 text-xs font-semibold whitespace-nowrap",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}
