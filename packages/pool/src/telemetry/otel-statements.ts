import { classifyError } from "../errors/classify.ts";
import { CONVENTIONAL_BOUNDS_MS } from "./histogram.ts";
import type { StatementWatcher } from "./statement-tally.ts";

type Attributes = Record<string, string>;

/** What is needed of a `Meter` of `@opentelemetry/api`, which need not be installed. */
export interface HistogramMeter {
  createHistogram(
    name: string,
    options: { unit: string; description: string; advice: { explicitBucketBoundaries: number[] } },
  ): { record(value: number, attributes: Attributes): void };
}

/** What is needed of a `Tracer`. */
export interface Tracer {
  startSpan(
    name: string,
    options: { kind: number; attributes: Attributes },
  ): {
    setAttributes(attributes: Attributes): unknown;
    setStatus(status: { code: number }): unknown;
    end(): void;
  };
}

/** What is needed of a pool. */
export interface WatchedPool {
  watchStatements(watcher: StatementWatcher): () => void;
}

/** Numbers of the API's `SpanKind` and `SpanStatusCode`. */
const CLIENT = 2;
const ERROR = 2;

/** What a statement may begin with, so that a name is never a word of somebody's data. */
const OPERATIONS = new Set(
  "SELECT INSERT UPDATE DELETE MERGE WITH VALUES CALL DO COPY BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE SET RESET SHOW EXPLAIN LISTEN NOTIFY UNLISTEN LOCK TRUNCATE CREATE ALTER DROP GRANT REVOKE ANALYZE VACUUM REFRESH".split(
    " ",
  ),
);

/**
 * Tells OpenTelemetry of each statement of a caller, as far as it is asked for: a meter records
 * `db.client.operation.duration`, a tracer gets a span. Neither learns a statement's text or values, and nothing is added to the
 * text: a trace's id in it would make every statement another one, and none could be prepared.
 *
 * @returns what ends it.
 */
export function observeStatements(
  pool: WatchedPool,
  { meter, tracer, poolName }: { meter?: HistogramMeter; tracer?: Tracer; poolName: string },
): () => void {
  const durations = meter?.createHistogram("db.client.operation.duration", {
    unit: "s",
    description: "Duration of database client operations.",
    advice: { explicitBucketBoundaries: CONVENTIONAL_BOUNDS_MS.map((boundMs) => boundMs / 1_000) },
  });
  const common = { "db.system.name": "postgresql", "db.client.connection.pool.name": poolName };
  return pool.watchStatements((text) => {
    const operation = operationOf(text);
    const attributes = { ...common, ...(operation !== undefined && { "db.operation.name": operation }) };
    const span = tracer?.startSpan(operation ?? "postgresql", { kind: CLIENT, attributes });
    return (durationMs, error) => {
      const outcome = error === undefined ? {} : failure(error);
      durations?.record(durationMs / 1_000, { ...attributes, ...outcome });
      if (error !== undefined) {
        span?.setAttributes(outcome);
        span?.setStatus({ code: ERROR });
      }
      span?.end();
    };
  });
}

function operationOf(text: string): string | undefined {
  const word = /^\s*([a-z]+)/i.exec(text)?.[1]?.toUpperCase() ?? "";
  return OPERATIONS.has(word) ? word : undefined;
}

function failure(error: Error): Attributes {
  const { kind, sqlstate } = classifyError(error);
  return {
    "error.type": sqlstate ?? kind,
    ...(sqlstate !== undefined && { "db.response.status_code": sqlstate }),
  };
}
