/** What the generator is to do. Everything in it can be sent to another process. */
export type Load = ChatLoad | ScanLoad | SearchLoad | PacedLoad;

/** People who each hold conversations: the next message goes out when the answer before it has ended. */
export interface ChatLoad {
  readonly kind: "chat";
  readonly concurrent: number;
  /** Messages in one conversation; then the homeowner begins another. */
  readonly turns: number;
  readonly thinkMs: number;
  readonly durationMs: number;
}

/** Homeowners who arrive at a fixed rate: each opens the page of a fresh code and redeems it. */
export interface ScanLoad {
  readonly kind: "onboarding";
  readonly ratePerSecond: number;
  readonly durationMs: number;
}

/** A number of searches, so many at once. */
export interface SearchLoad {
  readonly kind: "rag";
  readonly requests: number;
  readonly concurrent: number;
}

/** Requests at a fixed rate that keep nothing. */
export interface PacedLoad {
  readonly kind: "search" | "health";
  readonly ratePerSecond: number;
  readonly durationMs: number;
}

export interface Assignment {
  readonly origin: string;
  /** All at once. */
  readonly loads: readonly Load[];
  /** Whether a request that was sent back with `Retry-After` is made again. */
  readonly retry: boolean;
  /** One for each homeowner who chats or searches: they sign in with it first. */
  readonly residents: readonly string[];
  /** One for each scan. */
  readonly codes: readonly string[];
}

/** How many codes the loads of a plan use up. */
export function codesNeeded(loads: readonly Load[]): number {
  return loads.reduce(
    (sum, load) =>
      load.kind === "onboarding" ? sum + Math.ceil((load.ratePerSecond * load.durationMs) / 1_000) : sum,
    0,
  );
}

/** How many homeowners must be signed in for the loads of a plan. */
export function residentsNeeded(loads: readonly Load[]): number {
  return Math.max(SEARCHERS, ...loads.map((load) => (load.kind === "chat" ? load.concurrent : SEARCHERS)));
}

const SEARCHERS = 50;
