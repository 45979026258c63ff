import { RANGES, type RangeName } from "@openhouse/web/figures/reading";
import { buttonClass } from "@openhouse/web/ui/button";
import { classNames } from "@openhouse/web/ui/class-names";
import { PressButton } from "@openhouse/web/ui/press-button";
import Link from "next/link";
import { addressOf, type View } from "./view.ts";

const NAMES: Record<RangeName, string> = { "5m": "5 minutes", "1h": "1 hour", "24h": "24 hours" };

interface ControlsProps {
  view: View;
  isPaused: boolean;
  onPause: () => void;
  onGoOn: () => void;
}

/** How much of the past the chart shows, and whether it moves. */
export function ChartControls({ view, isPaused, onPause, onGoOn }: ControlsProps) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <nav aria-label="Range" className="flex gap-1">
        {(Object.keys(RANGES) as RangeName[]).map((range) => (
          <Link
            key={range}
            href={addressOf({ ...view, range })}
            aria-current={range === view.range ? "true" : undefined}
            className={buttonClass("quiet", classNames("px-3", range === view.range && "bg-accent-soft"))}
            scroll={false}
          >
            {NAMES[range]}
          </Link>
        ))}
      </nav>
      {view.atMs !== null && (
        <Link href={addressOf(view)} className={buttonClass("quiet", "px-3")} scroll={false}>
          Link to this moment
        </Link>
      )}
      <PressButton look="secondary" onPress={isPaused ? onGoOn : onPause}>
        {isPaused ? "Go on" : "Pause"}
      </PressButton>
    </div>
  );
}
