import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take the database from all portals, which find it again by themselves, and at the very end the portals. */
const LAST = [
  "chat/faults.test.ts",
  "chat-api/failing.test.ts",
  "chat-api/stopping.test.ts",
  "portals/outage.test.ts",
  "portals/stopping.test.ts",
];

/** One order for all runs, since all files share the portals and their database. */
export class OneOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const path = relative(this.ctx.config.root, moduleId);
      return `${LAST.indexOf(path) + 1} ${path}`;
    };
    return files.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  }
}
