import { TooBusyError } from "./work-limit.ts";

export interface TurnLimits {
  /** So many strangers are served at the same time. At least 1. */
  readonly atOnce: number;
  /** So many more wait, first come first served; the next is refused. 0 lets nobody wait. */
  readonly maxWaiting: number;
  /** Where somebody who is signed in is being served, one stranger begins after so many milliseconds all the same. */
  readonly everyMs: number;
  /** Nobody who is signed in has asked for so many milliseconds: strangers need not hold back. */
  readonly calmAfterMs: number;
}

interface Waiting {
  readonly needsTurn: () => boolean;
  readonly settle: (begun: boolean) => void;
}

/**
 * The turns of those who are not signed in, behind those who are. A page is rendered by the one thread that renders all: whatever has
 * been begun for a stranger is waited for by somebody's home. So while anybody who is signed in is about, strangers are served one
 * by one, in what time those leave, or else at a slow pace that nobody can keep them from.
 */
export class StrangersTurns {
  readonly #limits: TurnLimits;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #begunAtMs = Number.NEGATIVE_INFINITY;
  #membersUnderWay = 0;
  #memberSeenAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #looksSoon = false;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Notes that somebody who is signed in is being served, until `isOver`. */
  async noteMember(isOver: Promise<void>): Promise<void> {
    this.#membersUnderWay++;
    await isOver;
    this.#membersUnderWay--;
    this.#memberSeenAtMs = performance.now();
    this.#lookSoon();
  }

  /**
   * Does `work` when it is its turn.
   *
   * @param needsTurn asked again when the turn has come: whoever is gone by then, or can be answered without one, takes none.
   * @returns whether `work` was done.
   * @throws {TooBusyError} too many wait; `work` was not begun.
   */
  async run(work: () => Promise<void>, needsTurn: () => boolean = () => true): Promise<boolean> {
    if (!(await this.#turn(needsTurn))) return false;
    try {
      await work();
    } finally {
      this.#running--;
      this.#lookSoon();
    }
    return true;
  }

  #turn(needsTurn: () => boolean): boolean | Promise<boolean> {
    if (this.#waiting.length === 0 && this.#msUntilNext() === 0) {
      this.#begin();
      return true;
    }
    if (this.#waiting.length >= this.#limits.maxWaiting) throw new TooBusyError();
    return new Promise((settle) => {
      this.#waiting.push({ needsTurn, settle });
      this.#look();
    });
  }

  #begin(): void {
    this.#running++;
    this.#begunAtMs = performance.now();
  }

  /** When the next stranger may begin, as far as it depends on time alone; Infinity where it depends on others. */
  #msUntilNext(): number {
    const { atOnce, everyMs, calmAfterMs } = this.#limits;
    if (this.#running >= atOnce) return Number.POSITIVE_INFINITY;
    const now = performance.now();
    if (this.#membersUnderWay === 0) {
      const isCalm = now - this.#memberSeenAtMs > calmAfterMs;
      if (isCalm || this.#running === 0) return 0;
    }
    return Math.max(0, this.#begunAtMs + everyMs - now);
  }

  #look(): void {
    clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const needsTurn = next.needsTurn();
      const inMs = needsTurn ? this.#msUntilNext() : 0;
      if (inMs === Number.POSITIVE_INFINITY) return;
      if (inMs > 0) {
        this.#timer = setTimeout(() => this.#look(), Math.ceil(inMs));
        return;
      }
      this.#waiting.shift();
      if (needsTurn) this.#begin();
      next.settle(needsTurn);
    }
  }

  /** Behind what has arrived meanwhile: perhaps one who is signed in is among it. */
  #lookSoon(): void {
    if (this.#looksSoon || this.#waiting.length === 0) return;
    this.#looksSoon = true;
    setImmediate(() => {
      this.#looksSoon = false;
      this.#look();
    });
  }
}
