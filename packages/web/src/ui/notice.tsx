import type { ReactNode } from "react";
import { classNames } from "./class-names.tsx";
import { CautionSign, ErrorSign, GoodSign } from "./signs.tsx";

export type NoticeTone = "good" | "caution" | "critical";

const TONES = {
  good: { ground: "bg-good-soft text-good", Sign: GoodSign },
  caution: { ground: "bg-caution-soft text-caution", Sign: CautionSign },
  critical: { ground: "bg-critical-soft text-critical", Sign: ErrorSign },
} as const;

/**
 * A short message about what has just happened. A failure interrupts a screen reader, a success waits its turn.
 * Keep the notice's place in the tree while its text changes, or the change is not read out.
 */
export function Notice({ tone, children }: { tone: NoticeTone; children: ReactNode }) {
  const { ground, Sign } = TONES[tone];
  return (
    <div
      role={tone === "critical" ? "alert" : "status"}
      className={classNames("flex gap-2.5 rounded-lg px-3.5 py-3 text-sm font-medium", ground)}
    >
      <Sign className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
