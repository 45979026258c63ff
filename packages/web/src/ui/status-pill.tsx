import { classNames } from "./class-names.tsx";
import { CautionIcon, ErrorIcon, GoodIcon, UnknownIcon } from "./status-icons.tsx";

/** As the table of thresholds in docs/operating/monitoring.md has it; `silent`: nothing is heard of it. */
export type PillState = "good" | "look" | "act" | "silent";

export const STATE_WORDS: Record<PillState, string> = {
  good: "Good",
  look: "Look",
  act: "Act",
  silent: "No answer",
};

const LOOKS = {
  good: { ground: "bg-good-soft text-good", Icon: GoodIcon },
  look: { ground: "bg-caution-soft text-caution", Icon: CautionIcon },
  act: { ground: "bg-critical-soft text-critical", Icon: ErrorIcon },
  silent: { ground: "bg-critical-soft text-critical", Icon: UnknownIcon },
} as const satisfies Record<PillState, unknown>;

/** A state at a glance: told by its word and by the outline of its icon, and only then by its colour. */
export function StatusPill({ state }: { state: PillState }) {
  const { ground, Icon } = LOOKS[state];
  return (
    <span
      data-state={state}
      className={classNames(
        "inline-flex items-center gap-2 rounded-full px-3.5 py-1.5 text-base font-semibold",
        ground,
      )}
    >
      <Icon className="size-5" />
      {STATE_WORDS[state]}
    </span>
  );
}
