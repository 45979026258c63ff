import { Buffer } from "node:buffer";
import { Agent, type IncomingMessage, request } from "node:http";

/** One answer, received to its last byte. Times are those of `performance.now()`. */
export interface Answer {
  readonly path: string;
  readonly status: number;
  readonly body: string;
  /** `Connection: close`: this connection serves no further request. */
  readonly saysClose: boolean;
  readonly location: string | undefined;
  /** The cookies it sets, as a `Cookie` header sends them back. */
  readonly cookie: string;
  /** Whether it came on a connection that had served an earlier request. */
  readonly reused: boolean;
  readonly sentAtMs: number;
  readonly headersAtMs: number;
}

/** A program that speaks HTTP over one keep-alive connection and opens another when it is told to go. Never tries again. */
export class Visitor {
  readonly #origin: string;
  readonly #cookie: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(origin: string, cookie = "") {
    this.#origin = origin;
    this.#cookie = cookie;
  }

  get(path: string): Promise<Answer> {
    return this.#exchange("GET", path);
  }

  /** Sends a form as the portal's own page does in a browser without scripts. */
  async post(path: string, form: FormData): Promise<Answer> {
    const encoded = new Response(form);
    const type = encoded.headers.get("content-type") ?? "";
    const bytes = Buffer.from(await encoded.arrayBuffer());
    return this.#exchange("POST", path, { "content-type": type, "content-length": bytes.length }, bytes);
  }

  /** Lets go of the connection. */
  leave(): void {
    this.#agent.destroy();
  }

  #exchange(
    method: string,
    path: string,
    headers: Record<string, string | number> = {},
    body?: Buffer,
  ): Promise<Answer> {
    const sentAtMs = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(this.#origin + path, {
        method,
        agent: this.#agent,
        headers: { origin: this.#origin, cookie: this.#cookie, ...headers },
      });
      outgoing.once("error", reject);
      outgoing.once("response", (incoming) => {
        const headersAtMs = performance.now();
        readAll(incoming).then((text) => {
          const { statusCode = 0, headers: received } = incoming;
          resolve({
            path,
            status: statusCode,
            body: text,
            saysClose: received.connection === "close",
            location: received.location,
            cookie: (received["set-cookie"] ?? []).map((line) => line.split(";")[0]).join("; "),
            reused: outgoing.reusedSocket,
            sentAtMs,
            headersAtMs,
          });
        }, reject);
      });
      outgoing.end(body);
    });
  }
}

/** @throws {Error} the answer was cut off before its end. */
async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  if (!incoming.complete) throw new Error("the answer was cut off");
  return Buffer.concat(chunks).toString("utf8");
}
