import * as Sentry from "@sentry/node";
import { transactions } from "../preloads/sentry.mjs";
import { tracedJob } from "../traced-job.mjs";

export async function work(job) {
  await tracedJob(job, {
    inSpan: (name, work) => Sentry.startSpan({ name }, work),
    async finished() {
      await Sentry.flush();
      return transactions.splice(0).flatMap(({ transaction, contexts, spans = [] }) => [
        { id: contexts.trace.span_id, name: transaction, status: contexts.trace.status },
        ...spans.map((span) => ({
          id: span.span_id,
          parent: span.parent_span_id,
          name: span.description,
          op: span.op,
          origin: span.origin,
          status: span.status,
          data: Object.keys(span.data).sort(),
        })),
      ]);
    },
  });
}
