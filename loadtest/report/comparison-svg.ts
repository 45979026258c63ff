import type { Comparison } from "./all-results.ts";
import { mainOperation } from "./comparison.ts";

const COLOURS = { single: "#a16207", plain: "#1d4ed8", ours: "#15803d" } as const;
const WIDTH = 900;
const LEFT = 300;
const ROW = 20;
const GAP = 16;

/** Success at the first attempt, as bars: three for each load and weather. */
export function drawComparison({ entries }: Comparison): string {
  const groups = new Map<string, typeof entries>();
  for (const entry of entries) {
    const key = `${entry.load}, ${entry.calm ? "calm" : "restarted midway"}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  let y = 60;
  const parts: string[] = [];
  for (const [name, group] of groups) {
    parts.push(`<text x="16" y="${y + ROW + 4}">${name}</text>`);
    for (const { variant, variantTitle, report } of group) {
      const operation = report && mainOperation(report);
      const share = operation ? operation.answeredAtOnce / operation.asked : 0;
      const width = Math.max(1, share * (WIDTH - LEFT - 250));
      const mean =
        operation && operation.answered > 0 ? `, mean ${Math.round(operation.latency.meanMs)} ms` : "";
      parts.push(
        `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 4}" fill="${COLOURS[variant]}"/>`,
        `<text x="${(LEFT + width + 6).toFixed(1)}" y="${y + ROW - 8}">${variantTitle}: ${(100 * share).toFixed(1)} %${mean}</text>`,
      );
      y += ROW;
    }
    y += GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 10}" font-family="system-ui, sans-serif" font-size="13" role="img">
<title>Requests answered at the first attempt</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="16" y="28" font-size="16">Requests answered at the first attempt, and their mean latency</text>
${parts.join("\n")}
</svg>
`;
}
