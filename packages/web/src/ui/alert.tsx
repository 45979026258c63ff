import type { ReactNode } from "react";
import { classNames } from "./class-names.tsx";
import { CautionIcon, ErrorIcon, GoodIcon } from "./status-icons.tsx";

export type AlertTone = "good" | "caution" | "critical";

const TONES = {
  good: { ground: "bg-good-soft text-good", Icon: GoodIcon },
  caution: { ground: "bg-caution-soft text-caution", Icon: CautionIcon },
  critical: { ground: "bg-critical-soft text-critical", Icon: ErrorIcon },
} as const;

/**
 * A short message about what has just happened. A failure interrupts a screen reader, a success waits its turn.
 * Keep the alert's place in the tree while its text changes, or the change is not read out.
 */
export function Alert({ tone, children }: { tone: AlertTone; children: ReactNode }) {
  const { ground, Icon } = TONES[tone];
  return (
    <div
      role={tone === "critical" ? "alert" : "status"}
      className={classNames("flex gap-2.5 rounded-lg px-3.5 py-3 text-sm font-medium", ground)}
    >
      <Icon className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
