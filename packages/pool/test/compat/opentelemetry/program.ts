// A program for opentelemetry.test.ts: prints the spans of a few statements as JSON.
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const storage = new AsyncLocalStorage<Context>();
context.setGlobalContextManager({
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (active, work, self, ...values) => storage.run(active, () => work.apply(self as never, values)),
  bind: (active, target) =>
    typeof target === "function"
      ? (((...values: unknown[]) => storage.run(active, () => target(...values))) as typeof target)
      : target,
  enable: () => context as never,
  disable: () => context as never,
});
const instrumentation = new PgInstrumentation({
  addSqlCommenterCommentToQueries: process.argv[3] === "comments",
});
instrumentation.setTracerProvider(provider);

// The instrumentation patches pg and pg-pool while they are loaded, so it must come first.
const { Pool } = await import("../../../src/pool.ts");
const { drizzleOverPool } = await import("../../../src/drizzle/database.ts");
const { sql } = await import("drizzle-orm");
const { optionsFor } = await import("../../support/options.ts");

const pool = new Pool({ ...optionsFor(process.argv[2] ?? ""), max: 2, min: 0, pooler: "none" });
const seen: unknown[] = [];
await provider.getTracer("test").startActiveSpan("request", async (request) => {
  seen.push((await pool.query("select 1 as one")).rows);
  seen.push((await pool.query({ text: "select $1::int as two", values: [2], rowMode: "array" })).rows);
  const client = await pool.connect();
  seen.push((await client.query("select 3 as three")).rows);
  client.release();
  seen.push(await new Promise((resolve) => pool.query("select 1/0", (error) => resolve(error.message))));
  const aborting = { text: "select pg_sleep(5)", signal: AbortSignal.timeout(50) };
  seen.push(await pool.query(aborting).catch((error: Error) => error.name));
  const { scoped } = drizzleOverPool(() => pool, {});
  const tenant = scoped({ "app.tenant_id": "acme" }).execute(sql`select current_setting('app.tenant_id')`);
  seen.push((await tenant).rows);
  seen.push(trace.getActiveSpan() === request);
  request.end();
});
await pool.end();

const spans = exporter.getFinishedSpans();
const nameOf = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
const summary = spans.map((span) => ({
  name: span.name,
  parent: nameOf.get(span.parentSpanContext?.spanId ?? "") ?? null,
  text: span.attributes["db.query.text"] ?? span.attributes["db.statement"] ?? null,
  failed: span.status.code === 2,
}));
console.log(JSON.stringify({ seen, spans: summary }));
