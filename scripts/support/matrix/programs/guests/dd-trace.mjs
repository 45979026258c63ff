import tracer from "dd-trace";
import { spans } from "../preloads/dd-trace.mjs";
import { until } from "../small-job.mjs";
import { tracedJob } from "../traced-job.mjs";

export async function work(job) {
  await tracedJob(job, {
    inSpan: (name, work) => tracer.trace(name, work),
    async finished() {
      await until(() => spans.some(({ name }) => name === "request"), "the trace, which is told whole");
      return spans.splice(0).map(({ span_id, parent_id, name, error, resource, meta }) => ({
        id: span_id,
        parent: parent_id,
        name,
        error,
        text: resource,
        meta: Object.keys(meta).sort(),
      }));
    },
  });
}
