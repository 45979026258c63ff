import { table } from "@openhouse/tooling/cli/screen";
import type { Figures } from "./figures.ts";
import type { SaveRecord } from "./saves.ts";
import type { ChangeRecord } from "./settings-changes.ts";

/** A row for each portal and file. */
export function savesTable(records: readonly SaveRecord[]): string {
  const rows = grouped(records, ({ portal, file }) => [portal, file]).map(({ cells, group }) => [
    ...cells,
    group.length,
    ...totals(group),
    most(group.map(({ pooled }) => pooled.length)),
    most(group.map(({ probes }) => probes.length)),
    most(group.map(({ peak }) => peak)),
    median(group.map(({ reloadMs }) => reloadMs)),
    most(group.map(({ reloadMs }) => reloadMs)),
  ]);
  const counts = ["requests", "failed", "pool", "probe", "both, ever"];
  return table(["portal", "saved", "times", ...counts, "reload ms", "slowest"], rows);
}

/** A row for each portal and way to change settings. */
export function changesTable(records: readonly ChangeRecord[]): string {
  const rows = grouped(records, ({ portal, what, max }) => [portal, what, `max ${max}`]).map(
    ({ cells, group }) => [
      ...cells,
      group.length,
      ...totals(group),
      most(group.map(({ pooledMeanwhile }) => pooledMeanwhile.length)),
      most(group.map(({ pooled }) => pooled.length)),
      most(group.map(({ probes }) => probes.length)),
      most(group.map(({ borrowed }) => borrowed.kept.length)),
      most(group.map(({ endedMs }) => endedMs)),
    ],
  );
  const counts = ["requests", "failed", "new pool", "afterwards", "probe", "old pool", "ended in ms"];
  return table(["portal", "changed", "to", "times", ...counts], rows);
}

function totals(group: readonly Figures[]): [requests: number, failed: number] {
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return [sum(group.map(({ requests }) => requests)), sum(group.map(({ failures }) => failures.length))];
}

function grouped<T>(
  records: readonly T[],
  cellsOf: (record: T) => string[],
): { cells: string[]; group: T[] }[] {
  const groups = new Map<string, { cells: string[]; group: T[] }>();
  for (const record of records) {
    const cells = cellsOf(record);
    const entry = groups.get(cells.join("\n")) ?? { cells, group: [] };
    entry.group.push(record);
    groups.set(cells.join("\n"), entry);
  }
  const ordered = [...groups.values()];
  return ordered.sort((a, b) => a.cells.join().localeCompare(b.cells.join()));
}

function most(numbers: readonly number[]): number {
  return Math.round(Math.max(...numbers));
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
