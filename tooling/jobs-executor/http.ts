import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Takes a POST and its body, parsed. */
export type Receive = (path: string, body: unknown, headers: IncomingMessage["headers"]) => Answer;

/** As Inngest has it for events. */
const MAX_BODY_BYTES = 512 * 1024;

/** Listens on this machine only: whoever may reach it may have jobs run. */
export async function listen(port: number, receive: Receive): Promise<Server> {
  const server = createServer((request, response) => {
    void handle(request, receive).then(
      (answer) => send(response, answer),
      () => request.destroy(), // it was cut off while it was read
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port, exclusive: true }, resolve);
  });
  return server;
}

async function handle(request: IncomingMessage, receive: Receive): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (request.method !== "POST") return { status: 404, body: { error: "not found" } };
  const text = await readText(request);
  if (text === null) return { status: 413, body: { error: "too large" } };
  try {
    return receive(pathname, JSON.parse(text), request.headers);
  } catch {
    return { status: 400, body: { error: "malformed" } };
  }
}

async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ status, ...body }));
}
