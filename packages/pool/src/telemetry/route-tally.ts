import { warnOfThrown } from "../async/foreign-code.ts";
import type { ErrorKind } from "../errors/classify.ts";
import { DurationHistogram, type Histogram } from "./histogram.ts";

/** More of them are counted together, so that an address taken for a pattern costs neither memory nor series. */
const MOST_ROUTES = 64;
/** What the rest is counted under. */
const OTHER = "other";

/** What the statements of one route have done since the pool was made. */
export interface RouteTotals {
  readonly run: Histogram;
  readonly errors: Readonly<Partial<Record<ErrorKind, number>>>;
}

/** Counts the statements of one route. */
export class RouteTally {
  readonly durations = new DurationHistogram();
  readonly errors: Partial<Record<ErrorKind, number>> = {};
}

/** The tallies of the routes that ask for connections. */
export class RouteTallies {
  readonly #route: () => string | undefined;
  readonly #tallies = new Map<string, RouteTally>();

  /** @param route what the running code answers, as a pattern. */
  constructor(route: () => string | undefined) {
    this.#route = route;
  }

  /** That of the running code; undefined where it answers none. */
  current(): RouteTally | undefined {
    let route: unknown;
    try {
      route = this.#route();
    } catch (error) {
      warnOfThrown("the option route", error);
    }
    return typeof route === "string" ? (this.#tallies.get(route) ?? this.#add(route)) : undefined;
  }

  snapshot(): Record<string, RouteTotals> {
    return Object.fromEntries(
      [...this.#tallies].map(([route, { durations, errors }]) => [
        route,
        { run: durations.snapshot(), errors: { ...errors } },
      ]),
    );
  }

  #add(route: string): RouteTally {
    const name = this.#tallies.size < MOST_ROUTES ? route : OTHER;
    const tally = this.#tallies.get(name) ?? new RouteTally();
    this.#tallies.set(name, tally);
    return tally;
  }
}
