import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { processGlobal } from "@openhouse/pool/process";
import { arrivedOverTls } from "./public-url.ts";
import { refuseEarly } from "./refuse-early.ts";

/** Two years, as browsers' own lists ask for. */
const HSTS = "max-age=63072000; includeSubDomains";

/** What the rest of the request may know of the HTTP exchange that it answers. */
interface Exchange {
  /**
   * Absent once the response is over: connections and timers made during a request keep its async context,
   * and must not keep its sockets.
   */
  response: ServerResponse | undefined;
  readonly peerAddress: string | undefined;
  /** What was asked for, path and query, before anybody rewrote it. */
  readonly target: string;
  /** Whether somebody on its way says that it was forwarded. Next writes such headers itself, later. */
  readonly isForwarded: boolean;
  /** What was told of it in the log. */
  readonly told: Set<string>;
  /** Its pattern, as soon as our wrappers know it. */
  route: string | undefined;
}

interface Watch {
  readonly exchanges: AsyncLocalStorage<Exchange>;
  readonly open: Set<ServerResponse>;
  readonly servers: Set<Server>;
  closing: boolean;
  subscribed: boolean;
  inFront: InFront | undefined;
}

interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
/** What proxies write, each its own. */
const FORWARDED = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
];

const watch = processGlobal<Watch>("web/current-response", () => ({
  exchanges: new AsyncLocalStorage(),
  open: new Set(),
  servers: new Set(),
  closing: false,
  subscribed: false,
  inFront: undefined,
}));

/** Decides about a request before the server's own listeners; `pass` hands it on to them. */
export type InFront = (request: IncomingMessage, response: ServerResponse, pass: () => void) => Promise<void>;

/** Begins to follow every HTTP request of this process, each of which goes through `inFront`. Idempotent. */
export function followRequests(inFront?: InFront): void {
  if (watch.subscribed) return;
  watch.subscribed = true;
  watch.inFront = inFront;
  subscribe("http.server.request.start", (message) => {
    if (isRequestStart(message)) begin(message);
  });
}

function isRequestStart(message: unknown): message is RequestStart {
  return typeof message === "object" && message !== null && "response" in message && "server" in message;
}

function begin({ request, response, server }: RequestStart): void {
  const exchange: Exchange = {
    response,
    peerAddress: request.socket.remoteAddress,
    target: request.url ?? "/",
    isForwarded: FORWARDED.some((name) => request.headers[name] !== undefined),
    told: new Set(),
    route: undefined,
  };
  if (!watch.servers.has(server) && watch.inFront !== undefined) putInFront(server, watch.inFront);
  watch.servers.add(server);
  watch.open.add(response);
  if (watch.closing) response.shouldKeepAlive = false;
  // Here and not with Next's other headers, which are fixed when it is built.
  if (arrivedOverTls(String(request.headers["x-forwarded-proto"] ?? "")))
    response.setHeader("Strict-Transport-Security", HSTS);
  response.once("close", () => {
    watch.open.delete(response);
    exchange.response = undefined;
  });
  // node publishes, then emits "request", in one synchronous stretch: so the handler inherits the store.
  watch.exchanges.enterWith(exchange);
  refuseEarly(request);
}

/** Node publishes a request's start before it emits "request": the server's first request is the first to go through. */
function putInFront(server: Server, inFront: InFront): void {
  const listeners = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const pass = () => {
      for (const listener of listeners) Reflect.apply(listener, server, [request, response]);
    };
    inFront(request, response, pass).catch((error: unknown) => response.destroy(asError(error)));
  });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * Sets status and `Retry-After` of the response that the running code is part of. A server component has no
 * other way to do so. Nothing happens where the headers are already sent or nobody follows requests.
 *
 * @returns whether the status was set.
 */
export function respond503(retryAfterSeconds: number): boolean {
  return respondWith(503, { "Retry-After": String(retryAfterSeconds) });
}

/** `respond503` for who has asked too often. */
export function respond429(retryAfterSeconds: number): boolean {
  return respondWith(429, { "Retry-After": String(retryAfterSeconds) });
}

/** As {@link respond503}, for another status: a server action has no other way either. */
export function respondWith(status: number, headers: Readonly<Record<string, string>> = {}): boolean {
  const response = watch.exchanges.getStore()?.response;
  if (response === undefined || response.headersSent) return false;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  return true;
}

/** Notes which route answers the request that the running code is part of: the pattern, not the address with its values. */
export function noteCurrentRoute(route: string): void {
  const exchange = watch.exchanges.getStore();
  if (exchange !== undefined) exchange.route = route;
}

/** The route that answers the request that the running code is part of, if it is known. */
export function currentRoute(): string | undefined {
  return watch.exchanges.getStore()?.route;
}

/** Path and query of the page that the running code is part of, without what Next adds to them; undefined where nobody follows requests. */
export function currentPath(): string | undefined {
  const target = watch.exchanges.getStore()?.target;
  if (target === undefined || !URL.canParse(target, "http://portal.invalid")) return undefined;
  const { pathname, searchParams } = new URL(target, "http://portal.invalid");
  searchParams.delete("_rsc");
  return searchParams.size === 0 ? pathname : `${pathname}?${searchParams}`;
}

/** Whether nobody has asked this before about the request that the running code is part of. */
export function isFirstOfRequest(what: string): boolean {
  const told = watch.exchanges.getStore()?.told;
  if (told?.has(what)) return false;
  told?.add(what);
  return true;
}

/** Sends a cookie with the response that the running code is part of. Nothing happens where `respond503` does nothing. */
export function appendCookie(setCookie: string): void {
  const response = watch.exchanges.getStore()?.response;
  if (response !== undefined && !response.headersSent) response.appendHeader("Set-Cookie", setCookie);
}

/** Sets a header of the response that the running code is part of, where a server action could not. Otherwise as {@link respond503}. */
export function setHeader(name: string, value: string): void {
  const response = watch.exchanges.getStore()?.response;
  if (response !== undefined && !response.headersSent) response.setHeader(name, value);
}

/** The address at the other end of the socket: the client, or the nearest proxy. */
export function peerAddress(): string | undefined {
  return watch.exchanges.getStore()?.peerAddress;
}

/**
 * Whether the request comes from this machine, and through no proxy on it as far as anybody can tell: one that writes none of
 * the headers that proxies write cannot be told from a client.
 */
export function isFromThisMachine(): boolean {
  const exchange = watch.exchanges.getStore();
  if (exchange === undefined || exchange.isForwarded) return false;
  return isLoopback(exchange.peerAddress);
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK.test(address);
}

/** The servers that have received a request so far, and every response that is not over. */
export function openExchanges(): { servers: readonly Server[]; responses: readonly ServerResponse[] } {
  const { servers, open } = watch;
  return { servers: [...servers], responses: [...open] };
}

/**
 * Tells the clients of this process to go: every response from now on says `Connection: close`. A keep-alive
 * client would otherwise be served on its old connection for as long as it likes, also after
 * `server.close()`.
 */
export function stopKeepAlive(): void {
  watch.closing = true;
  for (const response of watch.open) {
    if (!response.headersSent) response.shouldKeepAlive = false;
  }
}
