"use client";

import { type ReactElement, useSyncExternalStore } from "react";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { ChartLegend, HATCHING_ID, Hatching } from "./chart-legend.tsx";
import { Moment, timeLabel } from "./chart-moment.tsx";
import type { ChartPoint } from "./samples.ts";

interface PoolChartProps {
  points: ChartPoint[];
  /** How far back the chart reaches, in milliseconds. */
  reachMs: number;
  /** Most connections the pool may open. */
  max: number;
  /** What the chart shows, in a sentence, for those who do not see it. */
  description: string;
}

const TEXT = { fill: "var(--muted)", fontSize: 12 };
const MARGIN = { top: 20, right: 14, bottom: 0, left: 0 };
const AXIS_WIDTH_PX = 32;
/** Both panels show the moment under the pointer. */
const SYNC_ID = "pool";

/**
 * Connections in use and idle, one upon the other, against the most there may be; below them the requests that wait. Two panels over
 * one time axis, because a queue can be ten times as long as the pool is large and would press it flat.
 */
export function PoolChart({ points, reachMs, max, description }: PoolChartProps) {
  const time = {
    dataKey: "offsetMs",
    type: "number",
    domain: [-reachMs, 0],
    ticks: [3, 2, 1, 0].map((third) => (-reachMs * third) / 3),
    tickFormatter: timeLabel,
    tick: TEXT,
    stroke: "var(--edge)",
  } as const;
  const count = {
    allowDecimals: false,
    interval: 0,
    tick: TEXT,
    stroke: "var(--edge)",
    width: AXIS_WIDTH_PX,
  } as const;
  return (
    <figure className="space-y-3" aria-label={description}>
      <ChartLegend />
      <div aria-hidden="true">
        <p className="text-xs font-semibold text-muted">Connections</p>
        <div className="h-56 w-full sm:h-64">
          <Drawn>
            <ComposedChart data={points} margin={MARGIN} syncId={SYNC_ID} accessibilityLayer={false}>
              <defs>
                <Hatching />
              </defs>
              <CartesianGrid vertical={false} stroke="var(--line)" />
              <XAxis {...time} tick={false} height={8} />
              <YAxis {...count} domain={[0, max]} ticks={[...new Set([0, Math.round(max / 2), max])]} />
              <ReferenceLine
                y={max}
                stroke="var(--edge)"
                strokeDasharray="2 4"
                label={{ value: `most: ${max}`, position: "insideTopRight", dy: -18, ...TEXT }}
              />
              <Area
                dataKey="used"
                stackId="connections"
                type="stepAfter"
                fill="var(--accent)"
                stroke="var(--accent)"
                fillOpacity={0.85}
                isAnimationActive={false}
              />
              <Area
                dataKey="idle"
                stackId="connections"
                type="stepAfter"
                fill={`url(#${HATCHING_ID})`}
                stroke="var(--idle)"
                isAnimationActive={false}
              />
              <Tooltip content={<Moment />} isAnimationActive={false} cursor={{ stroke: "var(--edge)" }} />
            </ComposedChart>
          </Drawn>
        </div>
        <p className="text-xs font-semibold text-muted">Requests that wait</p>
        <div className="h-32 w-full">
          <Drawn>
            <ComposedChart
              data={points}
              margin={{ ...MARGIN, top: 10 }}
              syncId={SYNC_ID}
              accessibilityLayer={false}
            >
              <CartesianGrid vertical={false} stroke="var(--line)" />
              <XAxis {...time} />
              <YAxis {...count} domain={[0, (highest: number) => Math.max(highest, 4)]} tickCount={3} />
              <Line
                dataKey="waiting"
                type="stepAfter"
                stroke="var(--caution)"
                strokeWidth={2.5}
                strokeDasharray="6 3"
                dot={false}
                isAnimationActive={false}
              />
              <Tooltip content={() => null} cursor={{ stroke: "var(--edge)" }} />
            </ComposedChart>
          </Drawn>
        </div>
      </div>
      <figcaption className="text-sm text-muted">Once a second, for up to three minutes back.</figcaption>
    </figure>
  );
}

/**
 * Draws in the browser only. On the server there is no width to draw in, and what came of it would have its styles in the HTML,
 * which the content security policy does not let through.
 */
function Drawn({ children }: { children: ReactElement }) {
  const isBrowser = useSyncExternalStore(
    neverChanges,
    () => true,
    () => false,
  );
  if (!isBrowser) return null;
  return (
    <ResponsiveContainer width="100%" height="100%">
      {children}
    </ResponsiveContainer>
  );
}

const neverChanges = () => () => {};
