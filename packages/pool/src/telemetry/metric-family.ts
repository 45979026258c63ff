import { foldHistogram, type Histogram } from "./histogram.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number | Histogram;
}

/** Samples of one name. */
export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/): a name stands once, with all of
 * its samples, whoever they are of.
 */
export function renderMetrics(families: readonly MetricFamily[]): string {
  const byName = new Map<string, { family: MetricFamily; lines: string[] }>();
  for (const family of families) {
    const lines = family.samples.flatMap((sample) => linesOf(family.name, sample));
    const known = byName.get(family.name);
    if (known !== undefined) known.lines.push(...lines);
    else if (lines.length > 0) byName.set(family.name, { family, lines });
  }
  return [...byName.values()]
    .map(({ family: { name, type, help }, lines }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n"),
    )
    .join("");
}

function linesOf(name: string, { labels, value }: Sample): string[] {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  if (typeof value === "number") return [`${name}${braced(pairs)} ${value}`];
  const { boundsMs, counts, count, sumMs } = foldHistogram(value);
  let atMost = 0;
  const buckets = counts.map((inBucket, bucket) => {
    atMost += inBucket;
    const boundMs = boundsMs[bucket];
    const bound = boundMs === undefined ? "+Inf" : boundMs / 1_000;
    return `${name}_bucket${braced([...pairs, `le="${bound}"`])} ${atMost}`;
  });
  return [
    ...buckets,
    `${name}_sum${braced(pairs)} ${sumMs / 1_000}`,
    `${name}_count${braced(pairs)} ${count}`,
  ];
}

function braced(pairs: readonly string[]): string {
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
