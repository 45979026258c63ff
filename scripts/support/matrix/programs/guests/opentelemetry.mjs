import { trace } from "@opentelemetry/api";
import { exporter } from "../preloads/opentelemetry.mjs";
import { tracedJob } from "../traced-job.mjs";

const tracer = trace.getTracer("matrix");

export async function work(job) {
  await tracedJob(job, {
    inSpan: (name, work) => tracer.startActiveSpan(name, (span) => work().finally(() => span.end())),
    async finished() {
      const spans = exporter.getFinishedSpans().map((span) => ({
        id: span.spanContext().spanId,
        parent: span.parentSpanContext?.spanId,
        name: span.name,
        status: span.status.code,
        text: span.attributes["db.query.text"],
        attributes: Object.keys(span.attributes).sort(),
      }));
      exporter.reset();
      return spans;
    },
  });
}
