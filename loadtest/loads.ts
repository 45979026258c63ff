import type { Flags } from "./flags.ts";
import type { RunRequest } from "./measure.ts";
import type { Load } from "./plan.ts";

/** What a load test consists of, one run after the other. */
export function requestsOf(flags: Flags, restart: boolean): RunRequest[] {
  const { test } = flags;
  const names = test === "all" ? (["chat", "onboarding", "rag"] as const) : [test];
  return names.map((name) => requestOf(name, flags, restart));
}

function requestOf(name: Flags["test"], flags: Flags, restart: boolean): RunRequest {
  const { concurrent, turns, thinkMs, durationMs, rate, requests, searchConcurrent } = flags;
  switch (name) {
    case "chat":
      return {
        title: `chat, ${concurrent} concurrent`,
        restart,
        loads: [{ kind: "chat", concurrent, turns, thinkMs, durationMs }],
      };
    case "onboarding":
      return {
        title: `onboarding, ${rate} scans a second`,
        restart,
        loads: [{ kind: "onboarding", ratePerSecond: rate, durationMs }],
      };
    case "rag":
      return {
        title: `rag, ${requests} requests, ${searchConcurrent} at once`,
        restart,
        loads: [{ kind: "rag", requests, concurrent: searchConcurrent }],
      };
    default:
      return { title: `mixed, ${flags.minutes} minutes`, restart, loads: mixedLoads(flags) };
  }
}

/** As of ten load balancers. */
const PROBES_PER_SECOND = 10;

function mixedLoads({ concurrent, turns, thinkMs, rate, searchRate, minutes }: Flags): Load[] {
  const durationMs = 60_000 * minutes;
  return [
    { kind: "chat", concurrent, turns, thinkMs, durationMs },
    { kind: "onboarding", ratePerSecond: rate, durationMs },
    { kind: "search", ratePerSecond: searchRate, durationMs },
    { kind: "health", ratePerSecond: PROBES_PER_SECOND, durationMs },
  ];
}
