"use client";

import type { FiguresMessage } from "@openhouse/web/figures/message";
import { RANGES, type Reading } from "@openhouse/web/figures/reading";
import { faultWords } from "@openhouse/web/figures/words";
import { Alert } from "@openhouse/web/ui/alert";
import { Card } from "@openhouse/web/ui/card";
import { Section } from "@openhouse/web/ui/section";
import { type PillState, StatusPill } from "@openhouse/web/ui/status-pill";
import { useState } from "react";
import { ActivityTables } from "./activity-tables.tsx";
import { Chart, timeOf } from "./chart.tsx";
import { ChartControls } from "./chart-controls.tsx";
import { ProcessDetails } from "./process-details.tsx";
import { nameOf, ProcessTable } from "./process-table.tsx";
import { RouteTable } from "./route-table.tsx";
import { ServerTables } from "./server-tables.tsx";
import { useFigures } from "./use-figures.ts";
import type { View } from "./view.ts";

interface MonitorProps {
  view: View;
  /** As it was when the page was made, so that there is something to see at once. */
  first: Required<FiguresMessage>;
}

/** The live part of the Database page. */
export function DatabaseMonitor({ view, first }: MonitorProps) {
  const { rows, readings, activity, outcome } = useFigures(view, first);
  // Paused: until when the chart goes, and of which moment the figures beneath it are.
  const [atMs, setAtMs] = useState(view.atMs);
  const row = rows.find(({ origin }) => origin === view.origin) ?? rows[0];
  const figures = row?.figures ?? null;
  const isLive = outcome === "live" && row?.isReachable === true;
  const now = readings.at(-1) ?? figures?.now;
  const { spanMs, bucketMs } = RANGES[view.range];
  const [pausedUntilMs, setPausedUntilMs] = useState<number | null>(
    view.atMs === null ? null : Math.min(view.atMs + spanMs / 2, now?.atMs ?? view.atMs),
  );
  const toMs = (pausedUntilMs ?? now?.atMs ?? 0) + bucketMs;
  const frame = { fromMs: toMs - spanMs, toMs, bucketMs };
  const shown = readings.filter((each) => each.atMs >= frame.fromMs && each.atMs < toMs);
  const moment = atMs === null ? shown.at(-1) : nearest(shown, atMs);
  return (
    <div className="space-y-8">
      {outcome === "signed-out" && (
        <Alert tone="caution">
          You are signed in no longer, so the figures stand still.{" "}
          <a href="/sign-in" className="underline underline-offset-2">
            Sign in again
          </a>
        </Alert>
      )}
      {outcome === "silent" && (
        <Alert tone="caution">This portal does not answer. These are the last figures that it gave.</Alert>
      )}
      <Section title="Processes" description="Each portal and instance, the worst first.">
        <ProcessTable rows={rows} view={view} />
      </Section>
      {row !== undefined && (
        <Section title={nameOf(row)}>
          <Card className="flex flex-wrap items-start justify-between gap-x-8 gap-y-4">
            <div className="max-w-2xl min-w-0 space-y-2">
              {/* Changes only with the state: what is found holds figures that change each second. */}
              <p role="status">
                <StatusPill state={isLive ? stateOf(figures?.level) : "silent"} />
              </p>
              <ul className="space-y-1">
                {sentences(isLive, figures).map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            </div>
            {now !== undefined && <Headlines reading={now} />}
          </Card>
        </Section>
      )}
      <Section
        title="Over time"
        actions={
          <ChartControls
            view={{ ...view, atMs }}
            isPaused={pausedUntilMs !== null}
            onPause={() => setPausedUntilMs(now?.atMs ?? null)}
            onGoOn={() => {
              setPausedUntilMs(null);
              setAtMs(null);
            }}
          />
        }
      >
        <Card className="space-y-4">
          <Chart readings={shown} frame={frame} atMs={atMs} description={describe(shown)} />
          <label className="block text-xs text-muted">
            Moment
            <input
              type="range"
              className="w-full accent-accent"
              min={frame.fromMs}
              max={toMs - bucketMs}
              step={bucketMs}
              value={atMs ?? toMs - bucketMs}
              onChange={({ target }) => {
                setPausedUntilMs((before) => before ?? now?.atMs ?? null);
                setAtMs(target.valueAsNumber);
              }}
            />
          </label>
          <MomentFigures atMs={atMs} moment={moment} />
        </Card>
      </Section>
      {figures !== null && <ServerTables servers={figures.servers} />}
      {figures !== null && <RouteTable lately={figures.lately} mode={figures.process.mode} />}
      <ActivityTables activity={activity} />
      {figures !== null && <ProcessDetails figures={figures} />}
    </div>
  );
}

const stateOf = (level: PillState | undefined): PillState => level ?? "silent";

function sentences(
  isLive: boolean,
  figures: { findings: readonly { text: string }[]; now: Reading } | null,
): readonly string[] {
  if (!isLive) return ["This process does not answer. What is told of it is the last that it said."];
  if (figures === null || figures.findings.length === 0) {
    return figures?.now.status === "unknown"
      ? ["There are connections for every request. The database has not been asked lately."]
      : ["The database answers, and there are connections for every request."];
  }
  return figures.findings.map(({ text }) => text);
}

function Headlines({ reading }: { reading: Reading }) {
  const { latencyMs, status, used, max, waiting } = reading;
  const silent = status === "unhealthy" ? "no answer" : "not asked";
  return (
    <dl className="flex gap-8 tabular-nums">
      <Headline term="In use" value={used} unit={`of ${max}`} />
      <Headline term="Waiting" value={waiting} unit={waiting === 1 ? "request" : "requests"} />
      <Headline term="Latency" value={latencyMs ?? "–"} unit={latencyMs === null ? silent : "ms"} />
    </dl>
  );
}

function Headline({ term, value, unit }: { term: string; value: number | string; unit: string }) {
  return (
    <div className="min-w-16">
      <dt className="text-xs font-semibold text-muted">{term}</dt>
      <dd>
        <span className="text-2xl font-semibold">{value}</span>{" "}
        <span className="text-sm text-muted">{unit}</span>
      </dd>
    </div>
  );
}

/** The figures of one moment, in words. */
function MomentFigures({ atMs, moment }: { atMs: number | null; moment: Reading | undefined }) {
  if (moment === undefined)
    return <p className="text-sm text-muted">Nothing is known of {atMs === null ? "now" : timeOf(atMs)}.</p>;
  const { status, kind, used, idle, max, waiting, oldestWaiterMs, latencyMs, refused, errors } = moment;
  return (
    <p className="text-sm tabular-nums" data-moment={moment.atMs}>
      <span className="font-semibold">{timeOf(moment.atMs)}:</span> {used} of {max} in use, {idle} idle,{" "}
      {waiting} waiting{waiting > 0 && ` (the first for ${oldestWaiterMs} ms)`},{" "}
      {status === "unhealthy"
        ? `no answer (${faultWords(kind)})`
        : latencyMs === null
          ? "latency not asked for"
          : `latency ${latencyMs} ms`}
      , {refused} refused, {errors} {errors === 1 ? "error" : "errors"}
    </p>
  );
}

function nearest(readings: readonly Reading[], atMs: number): Reading | undefined {
  const distance = (reading: Reading) => Math.abs(reading.atMs - atMs);
  return readings.reduce<Reading | undefined>(
    (best, each) => (best === undefined || distance(each) < distance(best) ? each : best),
    undefined,
  );
}

function describe(readings: readonly Reading[]): string {
  const highest = (figure: (reading: Reading) => number) => Math.max(0, ...readings.map(figure));
  const failed = readings.filter(({ status }) => status === "unhealthy").length;
  return (
    `Chart of connections, waiting requests and latency. At most ${highest(({ used }) => used)} of ${highest(({ max }) => max)} connections ` +
    `were in use, and ${highest(({ waiting }) => waiting)} requests waited. ` +
    `The database did not answer in ${failed} of ${readings.length} readings.`
  );
}
