import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { warnOfThrown } from "../async/foreign-code.ts";
import type { HealthReport } from "./probe.ts";

export type { HealthReport } from "./probe.ts";

/** A Web-standard handler, as Next.js route files, Hono, Bun and Deno mount it. */
export type HttpHandler = (request: Request) => Promise<Response>;

export interface HealthHandlers {
  /** Is the process alive? No I/O; 200 also while draining, so that nobody kills a process that is finishing its work. */
  readonly live: HttpHandler;
  /** Should it get traffic? For load balancers. */
  readonly ready: HttpHandler;
  /** Does the database answer? For dashboards and people, and for load balancers that can read nothing else. */
  readonly db: HttpHandler;
}

/** Failed probes in a row after which an instance gives up its traffic. One blip must not empty a load balancer. */
const READY_FAILURES = 3;
/** When to ask again, in seconds: as long as a probe's result is kept. */
const RETRY_AFTER_S = 2;

/**
 * The three health routes. They answer GET and HEAD with 200 or 503, are never cached, and never redirect.
 * Bodies carry figures and an error's kind: no host, no user, no message.
 *
 * @param check asks the database; it must not throw.
 */
export function createHealthHandlers({ check }: { check: () => Promise<HealthReport> }): HealthHandlers {
  return {
    live: async (request) => answer(request, 200, { status: "alive", timestamp: now() }),
    ready: async (request) => {
      const report = await check();
      const ready = isReady(report);
      return answer(request, ready ? 200 : 503, { ...publicBody(report), ready });
    },
    db: async (request) => {
      const report = await check();
      const serving = report.status === "healthy" || report.status === "degraded";
      return answer(request, serving ? 200 : 503, publicBody(report));
    },
  };
}

/** Ready once the database has answered; then until it has failed three times in a row, or the process drains. */
function isReady({ status, everHealthy, consecutiveFailures }: HealthReport): boolean {
  return status !== "draining" && everHealthy && consecutiveFailures < READY_FAILURES;
}

/** Where nothing is wrong it has four fields, for those who compare it. */
function publicBody({ status, latencyMs, poolStats, error, serverRole, eventLoopDelayMs }: HealthReport) {
  const body = { status, latencyMs, poolStats, timestamp: now() };
  if (error === undefined) return body;
  return {
    ...body,
    error,
    ...(serverRole !== undefined && { serverRole }),
    ...(eventLoopDelayMs !== undefined && { eventLoopDelayMs }),
  };
}

function answer(request: Request, status: 200 | 503, body: object): Response {
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  if (status === 503) headers.set("Retry-After", String(RETRY_AFTER_S));
  return new Response(request.method === "HEAD" ? null : `${JSON.stringify(body)}\n`, { status, headers });
}

function now(): string {
  return new Date().toISOString();
}

/**
 * Mounts a handler on `node:http`, or on a framework that takes its listeners (Express, Fastify's raw mode). The handler is given the
 * method, the address and the headers; no body.
 *
 * The listener never rejects: a request that is none to `fetch`, such as TRACE, or an address that cannot be read, is answered with
 * 400, and where the handler throws, with 500 and a warning of the process.
 */
export function toNodeListener(handler: HttpHandler) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { status, headers, body } = await respond(handler, incoming);
    outgoing.writeHead(status, headers);
    outgoing.end(body);
  };
}

/** A response that was read to its end. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Whoever asks chooses the request's first line, and a listener that rejects ends the process. */
async function respond(handler: HttpHandler, incoming: IncomingMessage): Promise<Answer> {
  let request: Request;
  try {
    const url = new URL(incoming.url ?? "/", "http://localhost");
    request = new Request(url, { method: incoming.method ?? "GET", headers: headersOf(incoming.headers) });
  } catch {
    return failure(400);
  }
  try {
    const response = await handler(request);
    const { status, headers } = response;
    if (status < 200) throw new RangeError(`a response of status ${status} is none to send`);
    return { status, headers: Object.fromEntries(headers), body: await response.text() };
  } catch (error) {
    warnOfThrown("an HTTP handler", error);
    return failure(500);
  }
}

function failure(status: 400 | 500): Answer {
  return { status, headers: { "Cache-Control": "no-store" }, body: "" };
}

/** Those of HTTP/2 that begin with a colon are no headers. */
function headersOf(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith(":") ? [] : [[name, String(value)]],
  );
}
