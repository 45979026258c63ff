import { classNames } from "./class-names.tsx";
import { CautionSign, DrainingSign, ErrorSign, GoodSign, UnknownSign } from "./signs.tsx";

/** The states of `/api/health/db`, and `unknown` before the first answer. */
export type DatabaseStatus = "healthy" | "degraded" | "unhealthy" | "draining" | "unknown";

const LOOKS = {
  healthy: { word: "Healthy", ground: "bg-good-soft text-good", Sign: GoodSign },
  degraded: { word: "Degraded", ground: "bg-caution-soft text-caution", Sign: CautionSign },
  unhealthy: { word: "Unhealthy", ground: "bg-critical-soft text-critical", Sign: ErrorSign },
  draining: { word: "Draining", ground: "bg-accent-soft text-accent-strong", Sign: DrainingSign },
  unknown: { word: "Looking…", ground: "bg-sunken text-muted", Sign: UnknownSign },
} as const satisfies Record<DatabaseStatus, unknown>;

/** A state at a glance: told by its word and by the outline of its sign, and only then by its colour. */
export function StatusPill({ status }: { status: DatabaseStatus }) {
  const { word, ground, Sign } = LOOKS[status];
  return (
    <span
      data-status={status}
      className={classNames(
        "inline-flex items-center gap-2 rounded-full px-3.5 py-1.5 text-base font-semibold",
        ground,
      )}
    >
      <Sign className="size-5" />
      {word}
    </span>
  );
}
