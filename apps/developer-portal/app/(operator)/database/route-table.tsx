import type { ProcessFigures } from "@openhouse/web/figures/process-figures";
import type { RouteFigures } from "@openhouse/web/figures/route-figures";
import { Card } from "@openhouse/web/ui/card";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { Section } from "@openhouse/web/ui/section";
import { durationText } from "./process-details.tsx";

const SHOWN = 12;

const COLUMNS: readonly [Column<RouteFigures>, ...Column<RouteFigures>[]] = [
  { header: "Route", cell: ({ route }) => <span className="wrap-anywhere">{route}</span> },
  {
    header: "95th percentile",
    align: "end",
    cell: ({ p95Ms }) => (p95Ms === null ? "over 2 min" : figureOf(p95Ms)),
  },
  { header: "Statements", align: "end", cell: ({ statements }) => statements.toLocaleString("en") },
  {
    header: "Errors",
    cell: ({ errors }) =>
      errors.length === 0
        ? "none"
        : errors.map(({ kind, count }) => `${count} ${kind.replaceAll("_", " ")}`).join(", "),
  },
];

interface RouteTableProps {
  lately: ProcessFigures["lately"];
  mode: ProcessFigures["process"]["mode"];
}

/** How the statements of each route did. */
export function RouteTable({ lately, mode }: RouteTableProps) {
  const routes = lately?.routes ?? [];
  const more = routes.length - SHOWN;
  return (
    <Section
      title="Routes"
      description="Statements of the last five minutes by the route that sent them: those that failed first, then the slowest."
    >
      {routes.length === 0 ? (
        <Card>
          <p className="text-sm text-muted">
            {mode === "pool"
              ? "No route has asked for anything."
              : "The single client does not count by route."}
          </p>
        </Card>
      ) : (
        <DataTable
          caption="Routes, how long their statements took and what failed"
          columns={COLUMNS}
          rows={routes.slice(0, SHOWN)}
          rowKey={({ route }) => route}
        />
      )}
      {more > 0 && <p className="text-sm text-muted">And {more} more that were faster.</p>}
    </Section>
  );
}

function figureOf(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : durationText(ms);
}
