import { createRequire } from "node:module";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import pg from "pg";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const instrumentation = new PgInstrumentation();
instrumentation.setTracerProvider(provider);
// pg is loaded already: its classes are patched by hand, as the hook of `require` would have done.
for (const definition of instrumentation.getModuleDefinitions()) {
  const version = createRequire(import.meta.url)(`${definition.name}/package.json`).version;
  const exported = definition.name === "pg" ? pg : createRequire(import.meta.url)(definition.name);
  definition.patch?.(exported, version);
  for (const file of definition.files) file.patch?.(createRequire(import.meta.url)(file.name), version);
}

export async function work({ pool, step }) {
  const traced = async (act) => {
    exporter.reset();
    await act();
    return exporter
      .getFinishedSpans()
      .filter(({ name }) => name.startsWith("pg.query"))
      .map(({ name, status, attributes }) => [
        name.replace(/matrix_\d+/, "database"),
        status.code,
        Object.keys(attributes).sort(),
      ]);
  };
  await step("a query", () => traced(() => pool.query("select $1::int as n", [1])));
  await step("a refused query", () => traced(() => pool.query("select 1/0").catch(() => {})));
  await step("a transaction", () =>
    traced(async () => {
      const client = await pool.connect();
      for (const text of ["begin", "select 1", "rollback"]) await client.query(text);
      client.release();
    }),
  );
}
