import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const PROGRAM = fileURLToPath(new URL("./opentelemetry/program.ts", import.meta.url));
const database = useDatabase();

interface Span {
  readonly name: string;
  readonly parent: string | null;
  readonly text: string | null;
  readonly failed: boolean;
}

// With comments the instrumentation hands pg a copy of each statement, with the trace's id in its text.
test.each(["plain", "comments"])("OpenTelemetry's spans of connects and statements (%s)", async (mode) => {
  const run = await promisify(execFile)(process.execPath, ["--import", "tsx", PROGRAM, database.url(), mode]);
  const { seen, spans }: { seen: unknown[]; spans: Span[] } = JSON.parse(run.stdout);
  expect(seen).toEqual([
    [{ one: 1 }],
    [[2]],
    [{ three: 3 }],
    "division by zero",
    "TimeoutError",
    [{ current_setting: "acme" }],
    true,
  ]);

  const named = (name: string) => spans.filter((span) => span.name.startsWith(name));
  expect(named("pg-pool.connect")).toHaveLength(6);
  expect(named("pg.connect")).toMatchObject([{ parent: "pg-pool.connect", failed: false }]);
  expect(named("pg.query").filter(({ text }) => text?.startsWith("select"))).toMatchObject([
    { parent: "request", text: "select 1 as one", failed: false },
    { parent: "request", text: "select $1::int as two", failed: false },
    { parent: "request", text: "select 3 as three", failed: false },
    { parent: "request", text: "select 1/0", failed: true },
    { parent: "request", text: "select pg_sleep(5)", failed: true },
    { parent: "request", text: "select current_setting('app.tenant_id')", failed: false },
  ]);
});
