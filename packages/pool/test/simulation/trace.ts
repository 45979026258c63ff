import { live } from "./life.ts";
import { planOf } from "./plan.ts";
import { shrink } from "./shrink.ts";

/** What it takes to understand a find: the life as it was, and the smallest that breaks the same rule, step by step. */
export async function explain(seed: number, rule: string): Promise<string> {
  const plan = planOf(seed);
  const smaller = await shrink(plan, rule);
  const { trace } = await live(smaller, { isTraced: true });
  const { options } = smaller;
  return [`seed ${seed}: ${rule}`, JSON.stringify(options), ...trace].join("\n  ");
}
