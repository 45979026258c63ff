import type { Reading } from "@openhouse/web/figures/reading";
import type { ReactNode } from "react";
import { areaOf, bandsOf, type Frame, lineOf, runsOf, WIDTH, xOf } from "./chart-shapes.ts";

/** Of the bands over an outage: red on light and on dark, and what is beneath can be seen. */
const BAND_OPACITY = 0.45;
const HATCHING = "idle-hatching";

interface ChartProps {
  /** Those within the frame, the oldest first. */
  readings: readonly Reading[];
  frame: Frame;
  /** The moment that is told in figures, if one is. */
  atMs: number | null;
  /** What the chart shows, in a sentence, for those who do not see it. */
  description: string;
}

/**
 * Connections against the limit, the requests that wait below them, and the latency: over one time axis, since a queue can be ten
 * times as long as the pool is large. Red from top to bottom where the database did not answer.
 */
export function Chart({ readings, frame, atMs, description }: ChartProps) {
  const runs = runsOf(readings, frame);
  const failed = bandsOf(readings, frame, ({ status }) => status === "unhealthy");
  const refused = bandsOf(readings, frame, (each) => each.refused > 0);
  const limit = Math.max(1, ...readings.map(({ max, used, idle }) => Math.max(max, used + idle)));
  const queue = niceTop(Math.max(4, ...readings.map(({ waiting }) => waiting)));
  const latency = niceTop(Math.max(20, ...readings.map(({ latencyMs }) => latencyMs ?? 0)));
  const panel = { failed, x: atMs === null ? null : xOf(atMs, frame) };
  return (
    <figure aria-label={description} className="space-y-3">
      <Legend />
      <div aria-hidden="true" className="space-y-3">
        <Panel {...panel} title="Connections" top={`limit ${limit}`} height={200}>
          <defs>
            <Hatching />
          </defs>
          {runs.map((run) => {
            const usedTop = ({ used }: Reading) => 200 - (used / limit) * 190;
            const allTop = ({ used, idle }: Reading) => 200 - ((used + idle) / limit) * 190;
            return (
              <g key={run[0]?.atMs}>
                <path d={areaOf(run, frame, allTop, usedTop)} fill={`url(#${HATCHING})`} stroke="none" />
                <path d={areaOf(run, frame, usedTop, () => 200)} fill="var(--accent)" fillOpacity="0.85" />
              </g>
            );
          })}
          {bandsOf(readings, frame, ({ used, max }) => max > 0 && used >= max).map(({ x, width }) => (
            <rect key={x} x={x} width={width} y="10" height="6" fill="var(--critical)" />
          ))}
          <Line d={`M0 10H${WIDTH}`} stroke="var(--edge)" dashes="2 4" />
        </Panel>
        <Panel {...panel} title="Waiting requests" top={String(queue)} height={80}>
          {refused.map(({ x, width }) => (
            <rect key={x} x={x} width={width} y="74" height="6" fill="var(--critical)" />
          ))}
          {runs.map((run) => (
            <Line
              key={run[0]?.atMs}
              d={lineOf(run, frame, ({ waiting }) => 78 - (waiting / queue) * 74)}
              stroke="var(--caution)"
              width={2}
            />
          ))}
        </Panel>
        <Panel {...panel} title="Latency" top={`${latency} ms`} height={60}>
          {runs.map((run) => (
            <Line
              key={run[0]?.atMs}
              d={lineOf(run, frame, ({ latencyMs }) =>
                latencyMs === null ? null : 58 - (latencyMs / latency) * 54,
              )}
              stroke="var(--idle)"
              width={2}
            />
          ))}
        </Panel>
        <p className="flex justify-between text-xs text-muted tabular-nums">
          {[0, 1 / 3, 2 / 3, 1].map((part) => (
            <span key={part}>{timeOf(frame.fromMs + part * (frame.toMs - frame.fromMs))}</span>
          ))}
        </p>
      </div>
    </figure>
  );
}

interface PanelProps {
  title: string;
  /** What the top stands for. */
  top: string;
  height: number;
  failed: readonly { x: number; width: number }[];
  x: number | null;
  children: ReactNode;
}

function Panel({ title, top, height, failed, x, children }: PanelProps) {
  return (
    <div>
      <p className="flex justify-between pb-1 text-xs text-muted tabular-nums">
        <span className="font-semibold">{title}</span>
        <span>{top}</span>
      </p>
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        width="100%"
        height={height}
        className="block border-b border-edge"
        data-chart={title}
      >
        {children}
        {failed.map((band) => (
          <rect
            key={band.x}
            data-failed=""
            x={band.x}
            width={band.width}
            y="0"
            height={height}
            fill="var(--critical)"
            fillOpacity={BAND_OPACITY}
          />
        ))}
        {x !== null && <Line d={`M${x} 0V${height}`} stroke="var(--ink)" />}
      </svg>
    </div>
  );
}

function Line({
  d,
  stroke,
  width = 1,
  dashes,
}: {
  d: string;
  stroke: string;
  width?: number;
  dashes?: string;
}) {
  return (
    <path
      d={d}
      fill="none"
      stroke={stroke}
      strokeWidth={width}
      strokeDasharray={dashes}
      vectorEffect="non-scaling-stroke"
    />
  );
}

/** Stripes, so that idle and in use are told apart without their colours. */
function Hatching() {
  return (
    <pattern id={HATCHING} width="4" height="6" patternUnits="userSpaceOnUse">
      <rect width="4" height="6" fill="var(--idle)" fillOpacity="0.18" />
      <rect width="4" height="2" fill="var(--idle)" fillOpacity="0.75" />
    </pattern>
  );
}

const LEGEND = [
  ["In use", "var(--accent)", 0.85],
  ["Idle", `url(#${HATCHING})`, 1],
  ["Waiting", "var(--caution)", 1],
  ["Database does not answer", "var(--critical)", BAND_OPACITY],
  ["All in use, or requests refused", "var(--critical)", 1],
] as const;

function Legend() {
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-5 gap-y-2 text-sm">
      {LEGEND.map(([name, fill, opacity]) => (
        <li key={name} className="inline-flex items-center gap-2">
          <svg aria-hidden="true" viewBox="0 0 22 14" className="h-3.5 w-5.5 shrink-0">
            <rect width="22" height="14" rx="2" fill={fill} fillOpacity={opacity} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

/** A round number that is no less. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((each) => each * power >= value) ?? 10) * power;
}

/** In the time of the logs, whatever the viewer's: `14:05:09 UTC`. */
export function timeOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 19)} UTC`;
}
