import type { ErrorClass, ErrorKind } from "../errors/classify.ts";

/** First and longest wait after a connect that failed, in milliseconds; the latter also while nobody waits. */
const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 250;
const LONGEST_IDLE_BACKOFF_MS = 10_000;
/** First and longest time for which a refusal is remembered, in milliseconds. */
const FIRST_REFUSAL_MS = 1_000;
const LONGEST_REFUSAL_MS = 30_000;
/** How often to look, after a refusal, whether there is something new to sign in with, in milliseconds. */
const LOOK_MS = 500;

/** Refused is not down: signing in again gives the same until somebody changes something, and too often locks the role out. */
const REFUSALS: ReadonlySet<ErrorKind> = new Set<ErrorKind>(["auth", "config", "permission", "tls"]);

/** What has become of attempts until now. */
export interface Attempts {
  readonly connecting: number;
  /** Of these, how many have taken so long that they may hang. */
  readonly overdue: number;
  /** The last that ended has failed. */
  readonly hasFailed: boolean;
}

export interface ConnectorNeeds {
  /** How many connections to open, beside the attempts under way. */
  toOpen(attempts: Attempts): number;
  /** How long an attempt may take until nobody counts on it, in milliseconds. */
  overdueAfterMs(): number;
  /** Whether somebody waits. */
  hasWaiters(): boolean;
  /** Opens one connection, within a limit of its own. @returns what hands it over. */
  connect(): Promise<() => void>;
  classify(error: unknown): ErrorClass;
  /** A failure that waiting does not mend. @returns whether somebody was told, who waits no longer. */
  onPermanentFailure(error: Error): boolean;
  onFailure(error: Error): void;
  /** The first attempt that succeeds after some that failed. */
  onRecovered(outage: Outage): void;
  /** A connection may be needed, and none is opened for now: the server has refused the last sign-in. */
  onRefused(error: Error): void;
  /** What signs in, where that may change meanwhile: a refusal is that of what was tried. */
  signsInWith?: (() => unknown) | undefined;
}

/** Attempts that failed, with none that succeeded in between. */
export interface Outage {
  /** Since the first of them began, in milliseconds. */
  readonly outageMs: number;
  readonly failures: number;
}

/** The last connect that failed, for the errors of those who wait in vain. */
export interface ConnectFailure {
  readonly error: Error;
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
}

/**
 * Opens connections as demand asks, several at once. An attempt belongs to nobody: what it brings serves whoever is first,
 * and it goes on when the caller who made it necessary has left. One that may hang, as when it has reached a balancer whose
 * server is gone, keeps its place until its own limit, but nobody waits for it: others are tried beside it.
 *
 * After a failure that may pass (server down, starting, too many connections) the next attempt waits, with full jitter,
 * and goes alone until one succeeds, so that a server that comes back is not met by everybody at once.
 *
 * A sign-in that is refused is one for all callers: the refusal is remembered, and the next sign-in is that of a caller who
 * comes when its time is over.
 */
export class Connector {
  readonly #needs: ConnectorNeeds;
  #attempts = 0;
  #overdue = 0;
  #failures = 0;
  #refusals = 0;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  /** When the first attempt began that has failed, and how many have since. */
  #outage: { readonly sinceMs: number; failures: number } | undefined;
  #lastFailure: ConnectFailure | undefined;
  /** What the last sign-in was refused with, while no other attempt has said otherwise. */
  #refusal: ConnectFailure | undefined;
  #isIdleBackoff = false;
  #stopped = false;
  #onSettled: (() => void)[] = [];

  constructor(needs: ConnectorNeeds) {
    this.#needs = needs;
  }

  /** Attempts under way. */
  get connecting(): number {
    return this.#attempts;
  }

  get lastFailure(): ConnectFailure | undefined {
    return this.#lastFailure;
  }

  /** Nothing but failures until now. */
  get outage(): Outage | undefined {
    if (this.#outage === undefined) return undefined;
    return { outageMs: performance.now() - this.#outage.sinceMs, failures: this.#outage.failures };
  }

  /** Of the last sign-in, where it was refused and is not to be repeated yet. */
  get refusal(): Error | undefined {
    return this.#timer === undefined ? undefined : this.#refusal?.error;
  }

  /** Resolves when the next attempt has succeeded or failed, or there will be none. @returns whether there may be more. */
  attemptSettled(): Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    return new Promise((resolve) => this.#onSettled.push(() => resolve(!this.#stopped)));
  }

  /** Starts as many attempts as are needed. Call it whenever demand or capacity has changed. */
  fill(): void {
    if (this.#stopped) return;
    const { refusal } = this;
    if (refusal !== undefined) this.#needs.onRefused(refusal);
    if (this.#isResting()) return;
    const attempts = {
      connecting: this.#attempts,
      overdue: this.#overdue,
      hasFailed: this.#failures + this.#refusals > 0,
    };
    for (let left = this.#needs.toOpen(attempts); left > 0; left--) void this.#attempt();
  }

  /** Whether the next attempt has to wait. One set while nobody waited is too long for somebody who does. */
  #isResting(): boolean {
    if (this.#timer === undefined) return false;
    if (!this.#isIdleBackoff || !this.#needs.hasWaiters()) return true;
    this.#cancelBackoff();
    return false;
  }

  #cancelBackoff(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#look);
    this.#timer = undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelBackoff();
    this.#settled();
  }

  #settled(): void {
    for (const tell of this.#onSettled.splice(0)) tell();
  }

  async #attempt(): Promise<void> {
    this.#attempts++;
    const startedAtMs = performance.now();
    let isOverdue = false;
    const timer = setTimeout(() => {
      isOverdue = true;
      this.#overdue++;
      this.fill();
    }, this.#needs.overdueAfterMs()).unref(); // callers who wait hold the process by timers of their own
    const signsInWith = this.#needs.signsInWith?.();
    const handOver = await this.#needs.connect().catch(asError);
    clearTimeout(timer);
    this.#attempts--;
    if (isOverdue) this.#overdue--;
    if (handOver instanceof Error) {
      if (!this.#stopped) this.#fail(handOver, startedAtMs, signsInWith);
    } else {
      this.#failures = 0;
      this.#refusals = 0;
      this.#lastFailure = undefined;
      this.#cancelBackoff();
      const { outage } = this;
      this.#outage = undefined;
      if (outage !== undefined) this.#needs.onRecovered(outage);
      try {
        handOver();
      } catch (error) {
        this.#fail(asError(error), startedAtMs);
      }
    }
    this.#settled();
    this.fill();
  }

  #fail(error: Error, startedAtMs: number, signsInWith?: unknown): void {
    this.#lastFailure = { error, atMs: performance.now() };
    this.#outage ??= { sinceMs: startedAtMs, failures: 0 };
    this.#outage.failures++;
    this.#needs.onFailure(error);
    const judged = this.#needs.classify(error);
    if (judged.retry === "never" && REFUSALS.has(judged.kind)) {
      this.#remember(this.#lastFailure, startedAtMs, signsInWith);
      return;
    }
    this.#refusal = undefined;
    if (isPermanent(judged) && this.#needs.onPermanentFailure(error)) return;
    this.#failures++;
    this.#isIdleBackoff = !this.#needs.hasWaiters();
    const longest = this.#isIdleBackoff ? LONGEST_IDLE_BACKOFF_MS : LONGEST_BACKOFF_MS;
    const ceiling = Math.min(longest, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures - 1, 10));
    this.#rest(Math.random() * ceiling);
  }

  /** Attempts that had begun together are refused together: that is one refusal. */
  #remember(refusal: ConnectFailure, startedAtMs: number, signsInWith: unknown): void {
    if (this.#refusal !== undefined && startedAtMs < this.#refusal.atMs) return;
    this.#refusal = refusal;
    this.#isIdleBackoff = false;
    this.#rest(Math.min(LONGEST_REFUSAL_MS, FIRST_REFUSAL_MS * 2 ** this.#refusals));
    this.#refusals++;
    if (this.#needs.signsInWith !== undefined)
      this.#look = setInterval(() => this.#lookAgain(signsInWith), LOOK_MS).unref();
  }

  /** Whoever has mended it need not wait until the refusal is over. */
  #lookAgain(refused: unknown): void {
    const current = this.#needs.signsInWith?.();
    if (current === undefined || current === refused) return;
    this.#cancelBackoff();
    this.#refusals = 0;
    this.fill();
  }

  #rest(ms: number): void {
    this.#cancelBackoff();
    this.#timer = setTimeout(() => {
      clearInterval(this.#look);
      this.#timer = undefined;
      this.fill();
    }, ms).unref();
  }
}

/** Kinds that are never sent twice by themselves, and may be over at the next attempt to connect. */
const MAY_PASS: ReadonlySet<ErrorKind> = new Set<ErrorKind>(["connection_lost", "timeout", "disk_full"]);

/** Whether waiting does not mend it. What must not be sent twice may still pass: a lost connection, a lock, a server out of memory. */
function isPermanent({ kind, retry, unavailable }: ErrorClass): boolean {
  const mayPass = MAY_PASS.has(kind) || (kind === "unknown" && unavailable);
  return retry === "never" && !mayPass;
}

/** An error of another realm (a vm's context, as some test runners have one each) is no `Error` here; what it says is kept. */
export function asError(caught: unknown): Error {
  if (caught instanceof Error) return caught;
  const says = typeof caught === "object" && caught !== null && "message" in caught ? caught.message : caught;
  return new Error(String(says), { cause: caught });
}
