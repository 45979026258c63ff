import { live } from "./life.ts";
import type { Plan } from "./plan.ts";

/** How many smaller lives are tried. */
const MOST_ATTEMPTS = 400;

/** A smaller life that breaks the same rule: without callers, then operations, then faults that it does not take. */
export async function shrink(plan: Plan, rule: string): Promise<Plan> {
  let smallest = plan;
  let attempts = 0;
  const isFound = async (smaller: Plan) => {
    if (++attempts > MOST_ATTEMPTS) return false;
    const { violations } = await live(smaller);
    return violations.some((violation) => violation.rule === rule);
  };
  for (let before: Plan | undefined; before !== smallest; ) {
    before = smallest;
    for (const smaller of smallerThan(smallest)) {
      if (!(await isFound(smaller))) continue;
      smallest = smaller;
      break;
    }
  }
  return smallest;
}

/** Each with something less, the largest pieces first. */
function* smallerThan(plan: Plan): Generator<Plan> {
  const { callers, faults } = plan;
  for (const index of callers.keys())
    if ((callers[index]?.length ?? 0) > 0) yield { ...plan, callers: callers.with(index, []) };
  for (const index of faults.keys()) yield { ...plan, faults: faults.toSpliced(index, 1) };
  for (const [index, operations] of callers.entries()) {
    const half = Math.ceil(operations.length / 2);
    if (operations.length < 4) continue;
    yield { ...plan, callers: callers.with(index, operations.slice(half)) };
    yield { ...plan, callers: callers.with(index, operations.slice(0, half)) };
  }
  for (const [index, operations] of callers.entries())
    for (const step of operations.keys())
      yield { ...plan, callers: callers.with(index, operations.toSpliced(step, 1)) };
}
