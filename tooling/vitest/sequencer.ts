import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take long, in the order of their start. One of them begun last would run by itself while the other
 * cores have nothing to do.
 */
const FIRST = [
  "scripts/test/start.test.ts",
  "scripts/test/database-scripts.test.ts",
  "scripts/test/hot-reload.test.ts",
  "scripts/test/pack-pool.test.ts",
  "scripts/test/bench.test.ts",
  "packages/testing/test/embedded-postgres.test.ts",
  "packages/testing/test/launcher-death.test.ts",
  "packages/pool/test/faults/backend-dies.test.ts",
  "packages/pool/test/faults/frozen-process.test.ts",
  "packages/pool/test/faults/many-waiters.test.ts",
  "packages/testing/test/places.test.ts",
  "packages/doctor/test/planted-faults.test.ts",
  "packages/pool/test/model/model.test.ts",
  "packages/pool/test/faults/scoped-statements.test.ts",
  "packages/db/test/migrate.test.ts",
  "packages/pool/test/compat/contract.test.ts",
  "scripts/test/arguments.test.ts",
  "packages/db/test/seed.test.ts",
  "packages/pool/test/faults/wrong-url.test.ts",
  "packages/pool/test/single-client/contract.test.ts",
  "packages/pool/test/slow-statements.test.ts",
  "packages/db/test/isolation-under-fire.test.ts",
  "packages/pool/test/faults/slow-connect.test.ts",
  "packages/pool/test/faults/half-open.test.ts",
];

/** Vitest knows how long a file takes once it has run it here; a clean checkout has to be told. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const place = ({ moduleId }: TestSpecification) => {
      const index = FIRST.indexOf(relative(root, moduleId));
      return index === -1 ? FIRST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
