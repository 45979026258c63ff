/** How long the database's last word on a session counts while it gives no other, in milliseconds. */
const COUNTS_MS = 15 * 60_000;
const MAX_KNOWN = 1_000;

interface Known {
  readonly sessionId: string;
  readonly expiresAt: Date;
}

/** The operators' sessions that the database knew when it was last asked for them. */
export class KnownOperators<Session extends Known> {
  readonly #now: () => number;
  readonly #known = new Map<string, { session: Session; untilMs: number }>();

  /** @param now milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  remember(session: Session): void {
    this.#known.delete(session.sessionId); // the order is that of the last word
    const untilMs = Math.min(this.#now() + COUNTS_MS, session.expiresAt.getTime());
    this.#known.set(session.sessionId, { session, untilMs });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  forget(sessionId: string): void {
    this.#known.delete(sessionId);
  }

  recall(sessionId: string): Session | undefined {
    const known = this.#known.get(sessionId);
    if (known === undefined || known.untilMs > this.#now()) return known?.session;
    this.#known.delete(sessionId);
    return undefined;
  }
}
