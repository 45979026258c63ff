import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Refusal {
  readonly path: string;
  readonly after: number;
  readonly times: number;
  /** Null leaves `Retry-After` out. */
  readonly retryAfter: string | null;
}

export interface StandIn {
  readonly origin: string;
  /** Which requests are refused: so many of a path, after so many of it were served. */
  refusal: Refusal | null;
  readonly requests: string[];
  /** Pages of codes that begin with C are never answered. */
  blackholed: boolean;
  stop(): Promise<void>;
}

/** A server that keeps the routes' contract and nothing else: for tests of the generator itself. */
export async function startStandIn(): Promise<StandIn> {
  const standIn = { refusal: null as Refusal | null, requests: [] as string[], blackholed: false };
  const server = createServer((request, response) => {
    standIn.requests.push(`${request.method} ${request.url}`);
    if (standIn.blackholed && request.url?.startsWith("/onboard/C")) return;
    void answer(request, response, refuses(standIn));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(standIn, {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** The refusal that meets the request that came last. */
function refuses({ refusal, requests }: Pick<StandIn, "refusal" | "requests">): Refusal | null {
  if (refusal === null || !requests.at(-1)?.includes(refusal.path)) return null;
  const count = requests.filter((line) => line.includes(refusal.path)).length;
  return count > refusal.after && count <= refusal.after + refusal.times ? refusal : null;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal | null,
): Promise<void> {
  const json = (status: number, body: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
  for await (const _ of request); // to its end
  if (refusal !== null) {
    const headers = refusal.retryAfter === null ? {} : { "retry-after": refusal.retryAfter };
    return json(503, { error: "connection_refused" }, headers);
  }
  const path = request.url ?? "";
  if (path.startsWith("/onboard/")) return void response.end("<button>Open my home</button>");
  if (path === "/api/onboarding") {
    const claims = Buffer.from(JSON.stringify({ sid: randomUUID() })).toString("base64url");
    return json(200, { outcome: "welcome" }, { "set-cookie": `openhouse-tenant=a.${claims}.b; Path=/` });
  }
  if (path.startsWith("/api/rag")) return json(200, { total: 1, results: [{}] });
  if (path === "/api/chat") {
    const parts = [
      { type: "start", messageId: randomUUID() },
      { type: "tool-output-available", toolCallId: "1", output: { passages: [{}] } },
      { type: "text-delta", id: "1", delta: "Call " },
      { type: "text-delta", id: "1", delta: "the agent." },
      { type: "finish" },
    ];
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) response.write(`data: ${JSON.stringify(part)}\n\n`);
    return void response.end("data: [DONE]\n\n");
  }
  json(404, { error: "not_found" });
}
