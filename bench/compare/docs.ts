import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { WORKS } from "../work/index.ts";
import { drawBars } from "./bar-chart.ts";
import { drawLines } from "./line-chart.ts";
import { markdown } from "./markdown.ts";
import { type Results, summaryOf, type WorkResult } from "./results.ts";
import type { Work } from "./work.ts";

const CHARTS = "benchmarks";

/**
 * Writes docs/BENCHMARKS.md and its charts.
 *
 * @param previous a run before this one, whose ratios are shown beside.
 * @returns what was written.
 */
export function writeDocs(results: Results, previous: Results | undefined): string[] {
  const directory = join(repositoryRoot(), "docs");
  rmSync(join(directory, CHARTS), { recursive: true, force: true });
  mkdirSync(join(directory, CHARTS), { recursive: true });
  const written: string[] = [];
  const write = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    written.push(path);
  };
  const charts = new Map<string, string[]>();
  for (const result of results.works) {
    const work = WORKS.find(({ id }) => id === result.id);
    if (work === undefined) continue;
    const drawn = draw(work, result);
    for (const [index, chart] of drawn.entries()) {
      const name = `${CHARTS}/work-${work.id}${drawn.length > 1 ? `-${index + 1}` : ""}.svg`;
      write(name, chart);
      charts.set(work.id, [...(charts.get(work.id) ?? []), name]);
    }
  }
  write("BENCHMARKS.md", markdown(results, previous, charts));
  return written;
}

function draw(work: Work, result: WorkResult): string[] {
  const heading = `(${work.id}) ${work.title}`;
  const middle = (entry: WorkResult["entries"][number], key: string) => summaryOf(entry, key)?.median;
  if (work.series !== undefined) {
    return work.series.map((series) => {
      const lines = result.entries
        .filter(({ rounds }) => rounds.length > 0)
        .map((entry) => ({
          title: entry.title,
          values: series.points.map(({ key }) => middle(entry, key)),
        }));
      return drawLines(heading, series, lines);
    });
  }
  const [{ key, title, digits }] = work.columns;
  const bars = result.entries.flatMap((entry) => {
    const summary = summaryOf(entry, key);
    return summary === undefined ? [] : [{ title: entry.title, summary }];
  });
  if (bars.length === 0) return [];
  const better = work.better === "more" ? -1 : 1;
  bars.sort((one, other) => better * (one.summary.median - other.summary.median));
  const unit = `${title}, ${work.better} is better`;
  return [drawBars(heading, unit, bars, digits)];
}
