import { canonicalJson, member } from "./json.ts";
import { type Reply, readReply } from "./reply.ts";
import { signatureOf } from "./signature.ts";

/** A step may take as long as a statement and some: then the portal counts as away. */
const STEP_TIMEOUT_MS = 120_000;
const POLL_TIMEOUT_MS = 10_000;

/** The portal that serves the functions, as an executor speaks to it: every request is signed. */
export class Portal {
  readonly #serveUrl: string;
  readonly #signingKey: string;
  readonly #aborter = new AbortController();

  constructor(serveUrl: string, signingKey: string) {
    this.#serveUrl = serveUrl;
    this.#signingKey = signingKey;
  }

  /** Has a function go on. Never throws: what goes wrong on the way is a portal out of reach. */
  async step(functionId: string, stepId: string, body: object): Promise<Reply> {
    const url = new URL(this.#serveUrl);
    url.searchParams.set("fnId", functionId);
    url.searchParams.set("stepId", stepId);
    try {
      const response = await this.#send("POST", url, canonicalJson(body), STEP_TIMEOUT_MS);
      return readReply(response.status, response.headers, await response.text());
    } catch (error) {
      return { kind: "unreachable", why: error instanceof Error ? error.name : "unknown" };
    }
  }

  /** How many functions it serves; throws where it does not say. */
  async look(): Promise<number> {
    const response = await this.#send("GET", this.#serveUrl, "", POLL_TIMEOUT_MS);
    const said: unknown = await response.json();
    const count = member(said, "function_count");
    if (typeof count !== "number") throw new Error(`${this.#serveUrl} answers ${response.status}`);
    return count;
  }

  /** Asks it to register its functions, which it does before it answers. */
  async askToRegister(): Promise<void> {
    const response = await this.#send("PUT", this.#serveUrl, "", POLL_TIMEOUT_MS);
    await response.arrayBuffer();
    if (!response.ok)
      throw new Error(`${this.#serveUrl} does not register its jobs: status ${response.status}`);
  }

  /** Cuts the requests that are under way. */
  leave(): void {
    this.#aborter.abort();
  }

  #send(method: string, url: string | URL, body: string, timeoutMs: number): Promise<Response> {
    return fetch(url, {
      method,
      headers: {
        "content-type": "application/json",
        "x-inngest-signature": signatureOf(body, this.#signingKey, Date.now()),
        "x-inngest-server-kind": "dev",
      },
      ...(body !== "" && { body }),
      signal: AbortSignal.any([this.#aborter.signal, AbortSignal.timeout(timeoutMs)]),
    });
  }
}
