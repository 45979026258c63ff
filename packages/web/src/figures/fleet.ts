import type { Level } from "./judge.ts";
import type { ProcessFigures } from "./process-figures.ts";
import type { RangeName, Reading } from "./reading.ts";

/** A peer that is asked for its figures and does not answer within this time is unreachable, in milliseconds. */
const TIMEOUT_MS = 900;

/** One process, as it is shown. */
export interface ProcessRow {
  /** Where it is asked; empty for the process that shows the page. */
  readonly origin: string;
  /** What it said last; null where it never has. */
  readonly figures: ProcessFigures | null;
  readonly isReachable: boolean;
}

export interface FleetOptions {
  readonly origins: () => readonly string[];
  readonly headers: () => Readonly<Record<string, string>>;
  readonly own: {
    figures(): ProcessFigures;
    history(range: RangeName): readonly Reading[];
  };
}

/** All processes: this one and its peers. The database is not asked which there are, since it may be what is away. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #peers = new Map<string, ProcessRow>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Asks every peer for its figures, those not yet who have not answered the last question. Settles within a second. */
  async refresh(): Promise<void> {
    await Promise.all(this.#options.origins().map((origin) => this.#refreshOne(origin)));
  }

  /** What is known now, the worst first. */
  rows(): readonly ProcessRow[] {
    const own: ProcessRow = { origin: "", figures: this.#options.own.figures(), isReachable: true };
    const ownId = own.figures?.process.id;
    const peers = this.#options.origins().flatMap((origin) => this.#peers.get(origin) ?? []);
    // Every process may be given the same list, with itself in it.
    const others = peers.filter(({ figures }) => figures?.process.id !== ownId);
    return [own, ...others].sort((one, other) => badness(other) - badness(one));
  }

  /** The readings of one process; none where it does not answer. */
  async history(origin: string, range: RangeName): Promise<readonly Reading[]> {
    if (!this.#options.origins().includes(origin)) return this.#options.own.history(range);
    const answer = await this.#ask<{ history: readonly Reading[] }>(origin, `?history=${range}`);
    return answer?.history ?? [];
  }

  #refreshOne(origin: string): Promise<void> {
    const underWay = this.#underWay.get(origin) ?? this.#take(origin);
    this.#underWay.set(origin, underWay);
    return underWay;
  }

  async #take(origin: string): Promise<void> {
    const answer = await this.#ask<ProcessFigures>(origin, "");
    const figures = answer ?? this.#peers.get(origin)?.figures ?? null;
    this.#peers.set(origin, { origin, figures, isReachable: answer !== undefined });
    this.#underWay.delete(origin);
  }

  async #ask<Answer>(origin: string, query: string): Promise<Answer | undefined> {
    try {
      const response = await fetch(`${origin}/api/figures${query}`, {
        headers: this.#options.headers(),
        cache: "no-store",
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return (await response.json()) as Answer;
      await response.body?.cancel();
    } catch {
      // Unreachable, which is what the row says.
    }
    return undefined;
  }
}

const BADNESS: Record<Level, number> = { good: 0, look: 1, act: 2 };

function badness({ figures, isReachable }: ProcessRow): number {
  return isReachable && figures !== null ? BADNESS[figures.level] : 3;
}
