"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { Card } from "@openhouse/web/ui/card";
import { Section } from "@openhouse/web/ui/section";
import { StatusPill } from "@openhouse/web/ui/status-pill";
import { FiguresTable } from "./figures-table.tsx";
import { PoolChart } from "./pool-chart.tsx";
import { chartPoints, range, type Sample, shownMs } from "./samples.ts";
import { statusSentence } from "./status-words.ts";
import { useSamples } from "./use-samples.ts";

/** The live part of the Database page. `first` was read when the page was made, so that there is something to see at once. */
export function DatabaseMonitor({ first }: { first: Sample }) {
  const { samples, outcome } = useSamples(first);
  const now = samples.at(-1) ?? first;
  const live = outcome === "figures";
  return (
    <div className="space-y-8">
      <Card className="flex flex-wrap items-center justify-between gap-x-8 gap-y-4">
        <div className="space-y-2">
          <StatusPill status={live ? now.status : "unknown"} />
          {/* Changes only with the state, so a screen reader hears of nothing else. */}
          <p role="status" className="max-w-xl">
            {live ? statusSentence(now) : "The portal does not answer. These are the last figures it gave."}
          </p>
        </div>
        <dl className="flex gap-8 tabular-nums">
          <Headline
            term="Latency"
            {...(now.error === undefined ? { unit: "ms", value: now.latencyMs } : NO_LATENCY)}
          />
          <Headline term="In use" unit={`of ${now.max}`} value={now.used} />
          <Headline term="Waiting" unit={now.waiting === 1 ? "request" : "requests"} value={now.waiting} />
        </dl>
      </Card>
      {outcome === "signed-out" && (
        <Alert tone="caution">
          Your session has ended, so the figures stand still.{" "}
          <a href="/sign-in" className="underline underline-offset-2">
            Sign in again
          </a>
        </Alert>
      )}
      <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <Section title="Connections over time">
          <Card>
            <PoolChart
              points={chartPoints(samples)}
              reachMs={shownMs(samples)}
              max={now.max}
              description={describe(samples, now)}
            />
          </Card>
        </Section>
        <Section title="Figures">
          <Card>
            <FiguresTable samples={samples} now={now} />
            <p className="mt-4 text-xs text-muted">
              This portal may open {now.max} connections and keeps at least {now.min} open.
            </p>
          </Card>
        </Section>
      </div>
    </div>
  );
}

// The probe failed; how long that took says nothing of the database.
const NO_LATENCY = { unit: "no answer", value: "–" };

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

function describe(samples: readonly Sample[], { used, idle, waiting, max }: Sample): string {
  const { highest } = range(samples, (sample) => sample.used);
  const { highest: longest } = range(samples, (sample) => sample.waiting);
  return (
    `Chart of the last three minutes. Now ${used} of at most ${max} connections are in use, ${idle} idle, ${waiting} requests wait. ` +
    `At most ${highest} were in use and ${longest} waited.`
  );
}
