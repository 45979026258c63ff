import { createMetricsHandler } from "@openhouse/pool/http";
import { forScrapers } from "../metrics.ts";
import { ownFigures, ownHistory } from "./process-figures.ts";
import { isRangeName } from "./reading.ts";

/**
 * What this process tells its peers of its database, for whom `/api/metrics` is; with `?history=1h` what it was. One line in a
 * portal: `export { figures as GET } from "@openhouse/web/figures/route";`.
 */
export const figures = createMetricsHandler({
  render: ({ url }) => {
    const range = new URL(url).searchParams.get("history");
    return JSON.stringify(isRangeName(range) ? { history: ownHistory(range) } : ownFigures());
  },
  contentType: "application/json",
  ...forScrapers(),
});
