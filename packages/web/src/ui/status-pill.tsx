import { classNames } from "./class-names.tsx";
import { CautionIcon, DrainingIcon, ErrorIcon, GoodIcon, UnknownIcon } from "./status-icons.tsx";

/** The states of `/api/health/db`, and `unknown` before the first answer. */
export type DatabaseStatus = "healthy" | "degraded" | "unhealthy" | "draining" | "unknown";

const LOOKS = {
  healthy: { word: "Healthy", ground: "bg-good-soft text-good", Icon: GoodIcon },
  degraded: { word: "Degraded", ground: "bg-caution-soft text-caution", Icon: CautionIcon },
  unhealthy: { word: "Unhealthy", ground: "bg-critical-soft text-critical", Icon: ErrorIcon },
  draining: { word: "Draining", ground: "bg-accent-soft text-accent-strong", Icon: DrainingIcon },
  unknown: { word: "Looking…", ground: "bg-sunken text-muted", Icon: UnknownIcon },
} as const satisfies Record<DatabaseStatus, unknown>;

/** A state at a glance: told by its word and by the outline of its icon, and only then by its colour. */
export function StatusPill({ status }: { status: DatabaseStatus }) {
  const { word, ground, Icon } = LOOKS[status];
  return (
    <span
      data-status={status}
      className={classNames(
        "inline-flex items-center gap-2 rounded-full px-3.5 py-1.5 text-base font-semibold",
        ground,
      )}
    >
      <Icon className="size-5" />
      {word}
    </span>
  );
}
