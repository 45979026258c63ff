import type { Flags, TestName } from "./flags.ts";

/** What the generator is to do. Everything in it can be sent to another process. */
export type Load = ChatLoad | SearchLoad | PacedLoad;

/** People who each hold conversations: the next message goes out when the answer before it has ended. */
export interface ChatLoad {
  readonly kind: "chat";
  readonly concurrent: number;
  /** Messages in one conversation; then the homeowner begins another. */
  readonly turns: number;
  readonly thinkMs: number;
  readonly durationMs: number;
}

/** A number of searches, so many at once. */
export interface SearchLoad {
  readonly kind: "rag";
  readonly requests: number;
  readonly concurrent: number;
}

/** Requests at a fixed rate. A scan opens the page of a fresh code and redeems it; searches and probes keep nothing. */
export interface PacedLoad {
  readonly kind: "onboarding" | "search" | "health";
  readonly ratePerSecond: number;
  readonly durationMs: number;
}

/** One run on one portal. */
export interface RunRequest {
  /** What it is called in tables. */
  readonly title: string;
  /** All at once. */
  readonly loads: readonly Load[];
  /** Whether the database is restarted when half of it is done. */
  readonly restart: boolean;
}

/** As of ten load balancers. */
const PROBES_PER_SECOND = 10;
const SEARCHERS = 50;

/** What a load test consists of, one run after the other. */
export function requestsOf(flags: Flags, restart: boolean): RunRequest[] {
  const names: TestName[] = flags.test === "all" ? ["chat", "onboarding", "rag"] : [flags.test];
  return names.map((name) => ({ ...requestOf(name, flags), restart }));
}

function requestOf(name: TestName, flags: Flags): Omit<RunRequest, "restart"> {
  const { concurrent, turns, "think-ms": thinkMs, rate, requests, minutes } = flags;
  const durationMs = name === "mixed" ? 60_000 * minutes : 1_000 * flags.duration;
  const chat = { kind: "chat", concurrent, turns, thinkMs, durationMs } as const;
  const scans = { kind: "onboarding", ratePerSecond: rate, durationMs } as const;
  const atOnce = flags.test === "rag" ? concurrent : SEARCHERS;
  switch (name) {
    case "chat":
      return { title: `chat, ${concurrent} concurrent`, loads: [chat] };
    case "onboarding":
      return { title: `onboarding, ${rate} scans a second`, loads: [scans] };
    case "rag":
      return {
        title: `rag, ${requests} requests, ${atOnce} at once`,
        loads: [{ kind: "rag", requests, concurrent: atOnce }],
      };
    default: {
      const searches = { kind: "search", ratePerSecond: flags["search-rate"], durationMs } as const;
      const probes = { kind: "health", ratePerSecond: PROBES_PER_SECOND, durationMs } as const;
      return { title: `mixed, ${minutes} minutes`, loads: [chat, scans, searches, probes] };
    }
  }
}

/** How many codes the loads use up: one for each scan. */
export function codesNeeded(loads: readonly Load[]): number {
  const scans = loads.map((load) => (load.kind === "onboarding" ? load.ratePerSecond * load.durationMs : 0));
  return scans.reduce((sum, each) => sum + Math.ceil(each / 1_000), 0);
}

/** How many homeowners must be signed in for the loads. */
export function residentsNeeded(loads: readonly Load[]): number {
  return Math.max(SEARCHERS, ...loads.map((load) => (load.kind === "chat" ? load.concurrent : 0)));
}
