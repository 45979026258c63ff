import type { SearchLoad } from "../loads.ts";
import { failureOf } from "./failure.ts";
import type { VirtualUsers } from "./virtual-users.ts";
import { queryAt } from "./words.ts";

/** A number of searches, so many at once: who has an answer asks the next question. */
export async function rag(users: VirtualUsers, load: SearchLoad): Promise<void> {
  let next = 0;
  const askOn = async () => {
    while (next < load.requests && !users.aborted.aborted) await search(users, next++, performance.now());
  };
  await Promise.all(Array.from({ length: Math.min(load.concurrent, load.requests) }, askOn));
}

export function search(users: VirtualUsers, index: number, sinceMs: number): Promise<unknown> {
  const { cookie } = users.resident(index);
  return users.perform("search", sinceMs, async () => {
    const path = `/api/rag?q=${encodeURIComponent(queryAt(index))}&page=1`;
    const answer = await users.line.ask({ path, headers: { cookie } });
    if (answer.status !== 200) return { failure: failureOf(answer) };
    const { total, results }: { total?: unknown; results?: unknown } = JSON.parse(answer.body);
    const something = typeof total === "number" && total > 0 && Array.isArray(results) && results.length > 0;
    return something ? { value: total } : { failure: { kind: "nothing found" } };
  });
}
