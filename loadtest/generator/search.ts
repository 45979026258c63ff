import type { PacedLoad, SearchLoad } from "../plan.ts";
import type { Crowd } from "./crowd.ts";
import { failureOf } from "./failure.ts";
import type { Answer } from "./http.ts";
import { openLoop } from "./open-loop.ts";
import { type Outcome, perform } from "./perform.ts";
import { queryAt } from "./words.ts";

/** A number of searches, so many at once: who has an answer asks the next question. */
export async function rag(crowd: Crowd, load: SearchLoad): Promise<void> {
  let next = 0;
  const askOn = async () => {
    while (next < load.requests && !crowd.aborted.aborted) {
      const index = next++;
      await search(crowd, index, performance.now());
    }
  };
  await Promise.all(Array.from({ length: Math.min(load.concurrent, load.requests) }, askOn));
}

/** Requests at a fixed rate that keep nothing: searches, health probes. */
export async function paced(crowd: Crowd, load: PacedLoad, onLate: (lateMs: number) => void): Promise<void> {
  const asked: Promise<unknown>[] = [];
  await openLoop({
    ...load,
    aborted: crowd.aborted,
    fire(index, intendedAtMs) {
      onLate(performance.now() - intendedAtMs);
      asked.push(load.kind === "search" ? search(crowd, index, intendedAtMs) : probe(crowd, intendedAtMs));
    },
  });
  await Promise.all(asked);
}

function search(crowd: Crowd, index: number, sinceMs: number): Promise<unknown> {
  const { cookie } = crowd.resident(index);
  return perform(crowd.operation("search"), { sinceMs, retry: crowd.wantsRetry }, async () => {
    const path = `/api/rag?q=${encodeURIComponent(queryAt(index))}&page=1`;
    return found(await crowd.line.ask({ path, headers: { cookie } }));
  });
}

function probe(crowd: Crowd, sinceMs: number): Promise<unknown> {
  return perform(crowd.operation("health probe"), { sinceMs, retry: crowd.wantsRetry }, async () => {
    const answer = await crowd.line.ask({ path: "/api/health/db" });
    return answer.status === 200 ? { value: true } : { failure: failureOf(answer) };
  });
}

function found(answer: Answer): Outcome<number> {
  if (answer.status !== 200) return { failure: failureOf(answer) };
  const { total, results }: { total?: unknown; results?: unknown } = JSON.parse(answer.body);
  const something = typeof total === "number" && total > 0 && Array.isArray(results) && results.length > 0;
  return something ? { value: total } : { failure: { kind: "nothing found" } };
}
