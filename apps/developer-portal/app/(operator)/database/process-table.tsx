import type { ProcessRow } from "@openhouse/web/figures/fleet";
import { Badge, type BadgeTone } from "@openhouse/web/ui/badge";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { STATE_WORDS } from "@openhouse/web/ui/status-pill";
import Link from "next/link";
import { addressOf, type View } from "./view.ts";

const TONES: Record<keyof typeof STATE_WORDS, BadgeTone> = {
  good: "good",
  look: "caution",
  act: "critical",
  silent: "critical",
};

/** Every process, a link to what is known of it. */
export function ProcessTable({ rows, view }: { rows: readonly ProcessRow[]; view: View }) {
  const columns: readonly [Column<ProcessRow>, ...Column<ProcessRow>[]] = [
    {
      header: "Process",
      cell: (row) => (
        <Link
          href={addressOf({ ...view, origin: row.origin, atMs: null })}
          aria-current={row.origin === view.origin ? "true" : undefined}
          className="font-medium text-accent underline underline-offset-2 aria-[current]:text-ink aria-[current]:no-underline"
          scroll={false}
        >
          {nameOf(row)}
        </Link>
      ),
    },
    {
      header: "State",
      cell: ({ figures, isReachable }) => {
        const state = isReachable && figures !== null ? figures.level : "silent";
        return <Badge tone={TONES[state]}>{STATE_WORDS[state]}</Badge>;
      },
    },
    { header: "In use", align: "end", cell: of((now) => `${now.used} of ${now.max}`) },
    { header: "Waiting", align: "end", cell: of((now) => now.waiting) },
    {
      header: "Latency",
      align: "end",
      cell: of(({ latencyMs }) => (latencyMs === null ? "–" : `${latencyMs} ms`)),
    },
    {
      header: "Mode",
      cell: ({ figures }) => (figures === null ? "–" : MODES[figures.process.mode]),
    },
    { header: "Version", cell: ({ figures }) => figures?.process.version ?? "–" },
    {
      header: "Up for",
      align: "end",
      cell: ({ figures }) =>
        figures === null ? "–" : durationOf(figures.now.atMs - figures.process.startedAtMs),
    },
  ];
  return (
    <DataTable
      caption="Processes and how each one’s database is doing"
      columns={columns}
      rows={rows}
      rowKey={({ origin }) => origin}
    />
  );
}

const PORTALS = { developer: "Developer portal", tenant: "Tenant portal" } as const;

const MODES = { pool: "Pool", "single-client": "Single client" } as const;

export function nameOf({ origin, figures }: ProcessRow): string {
  if (figures === null) return origin;
  const { portal, instance } = figures.process;
  return `${portal === null ? "Portal" : PORTALS[portal]}, ${instance}`;
}

/** A cell of figures that hold now; those of a process that does not answer do not. */
function of(read: (now: NonNullable<ProcessRow["figures"]>["now"]) => string | number) {
  return ({ figures, isReachable }: ProcessRow) =>
    figures === null || !isReachable ? "–" : read(figures.now);
}

/** Such as `40 s`, `12 min`, `5 h`, `3 days`. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}
