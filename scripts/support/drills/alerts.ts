import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "@openhouse/pool-testing";

const run = promisify(execFile);
const RULES = join(repositoryRoot(), "deploy/monitoring/rules.yml");
/** As far apart as the scrapes are. */
const INTERVAL_S = 1;

/** The alerts, each with the expression that its `for` waits upon. */
function expressions(): { alert: string; expr: string }[] {
  const text = readFileSync(RULES, "utf8");
  return [...text.matchAll(/- alert: (\w+)\n\s+expr: (.+)\n/g)].map(([, alert = "", expr = ""]) => ({
    alert,
    expr,
  }));
}

/**
 * Which alerts' expressions are true at some moment of these scrapes; undefined where there is no promtool. Alerts about hours, or
 * about scrapes that are missing, have no say within a drill.
 */
export async function alertsIn(scrapes: readonly string[]): Promise<string[] | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "openhouse-drill-"));
  try {
    await cp(RULES, join(folder, "rules.yml"));
    const asked = expressions().filter(({ alert }) => !/Budget|Absent|TooSmall|Churn/.test(alert));
    const moments = scrapes.map((_, index) => index * INTERVAL_S);
    const tests = asked.flatMap(({ expr }) =>
      moments.map((at) => ({ expr, eval_time: `${at}s`, exp_samples: [] })),
    );
    const file = join(folder, "drill.test.yml");
    // JSON is YAML.
    await writeFile(
      file,
      JSON.stringify({
        rule_files: ["rules.yml"],
        evaluation_interval: `${INTERVAL_S}s`,
        tests: [{ interval: `${INTERVAL_S}s`, input_series: seriesOf(scrapes), promql_expr_test: tests }],
      }),
    );
    const said = await run("promtool", ["test", "rules", file], { maxBuffer: 64 * 1024 * 1024 }).then(
      () => "",
      (error: unknown) => textOf(error),
    );
    if (said === undefined) return undefined;
    return asked.filter(({ expr }) => said.includes(expr)).map(({ alert }) => alert);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What promtool says of what it did not expect; undefined where it is not there. */
function textOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return "";
  if ("code" in error && error.code === "ENOENT") return undefined;
  return ["stdout", "stderr"].map((name) => String(Reflect.get(error, name) ?? "")).join("\n");
}

function seriesOf(scrapes: readonly string[]): { series: string; values: string }[] {
  const series = new Map<string, string[]>();
  for (const [index, scrape] of scrapes.entries()) {
    for (const [, name = "", value = ""] of scrape.matchAll(/^([a-z]\w*(?:\{[^}]*\})?) (\S+)$/gm)) {
      const values = series.get(name) ?? [];
      while (values.length < index) values.push("_");
      values.push(value);
      series.set(name, values);
    }
  }
  return [...series].map(([name, values]) => ({ series: name, values: values.join(" ") }));
}
