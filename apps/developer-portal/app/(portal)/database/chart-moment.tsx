import type { ChartPoint } from "./samples.ts";

interface MomentProps {
  active?: boolean;
  payload?: readonly { payload?: ChartPoint }[];
}

/** The figures of the moment under the pointer. Recharts hands the props in. */
export function Moment({ active, payload }: MomentProps) {
  const point = payload?.[0]?.payload;
  if (!active || point === undefined) return null;
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 text-sm text-ink tabular-nums shadow-card">
      <p className="text-xs text-muted">{timeLabel(point.offsetMs)}</p>
      <p>In use: {point.used}</p>
      <p>Idle: {point.idle}</p>
      <p>Waiting: {point.waiting}</p>
    </div>
  );
}

/** A moment as people say it: "now", "20 s ago", "2 min ago". */
export function timeLabel(offsetMs: number): string {
  const seconds = Math.round(-offsetMs / 1_000);
  if (seconds < 1) return "now";
  return seconds % 60 === 0 ? `${seconds / 60} min ago` : `${seconds} s ago`;
}
