import { Pool } from "undici";

/** Longest silence of the server, in milliseconds: no header, or no further byte. */
const SILENCE_MS = 30_000;

/** One answer, received to its last byte. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Question {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Called at each piece of the answer, as it comes. */
  readonly onPiece?: (piece: Buffer) => void;
}

/**
 * As a load balancer keeps open to one instance. Fewer than the 511 that Node lets the kernel hold before it accepts them:
 * an event loop that is behind accepts one a turn, and what the kernel turns away tries again after 1, 3, 7, 15 and 31 s,
 * which would measure TCP.
 */
const MAX_CONNECTIONS = 500;

/** HTTP to one origin, as from a load balancer in front of it; never tries again by itself. */
export class Line {
  readonly #pool: Pool;
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
    this.#pool = new Pool(origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
      connect: { timeout: SILENCE_MS },
    });
  }

  /** @throws errors of the connection, with undici's or the system's `code`. */
  async ask({ method = "GET", path, headers, json, onPiece }: Question): Promise<Answer> {
    const sent = json === undefined ? {} : { "content-type": "application/json" };
    const answer = await this.#pool.request({
      method,
      path,
      body: json === undefined ? null : JSON.stringify(json),
      headers: { origin: this.#origin, ...sent, ...headers },
    });
    const pieces: Buffer[] = [];
    for await (const piece of answer.body) {
      onPiece?.(piece);
      pieces.push(piece);
    }
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: Buffer.concat(pieces).toString("utf8"),
    };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
