import { availableParallelism } from "node:os";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { LongFilesFirst } from "./tooling/vitest/sequencer.ts";

/**
 * Tests that build, install or start the whole, or run its commands: `npm run test:system`. Beside them the two cores
 * would be too busy for tests that have a deadline.
 */
const SYSTEM = [
  "packages/testing/test/{embedded-postgres,launcher-death,places,standby}.test.ts",
  "packages/pool/test/failover/*.test.ts",
  "packages/pool/test/pgbouncer/outcomes.test.ts",
  "packages/{pool/test/poolers/*,db/test/poolers}.test.ts",
  "packages/db/test/replicas.test.ts",
  "packages/web/test/portal.test.ts",
  "apps/tenant-portal/test/search-home.test.ts",
  "scripts/test/{arguments,bench,changesets,database-scripts,examples,hot-reload,monitoring,pack-doctor,pack-pool,packed-files,start}.test.ts",
];

function project(
  name: string,
  include: string[],
  exclude: string[] = SYSTEM,
): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include,
      exclude: [...configDefaults.exclude, ...exclude],
      setupFiles: ["tooling/vitest/setup.ts"],
      // Real servers and processes on two shared cores: what hangs is still told apart from what is slow.
      testTimeout: 30_000,
      hookTimeout: 60_000,
      retry: 0,
      // A worker keeps its modules from file to file: to import them anew would take a third of the time that all tests take.
      isolate: false,
    },
  };
}

export default defineConfig({
  test: {
    // Vitest would leave one core to itself. Most files wait more than they compute, for servers, other processes and
    // times that are up, so that three keep two cores at work.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // The tests that a file runs side by side wait for one and the same time to be up.
    maxConcurrency: 8,
    sequence: { sequencer: LongFilesFirst },
    globalSetup: ["tooling/vitest/global-setup.ts"],
    projects: [
      project("pool", ["packages/pool/test/**/*.test.ts"]),
      project("testing", ["packages/testing/test/**/*.test.ts"]),
      project("db", ["packages/db/test/**/*.test.ts"]),
      project("doctor", ["packages/doctor/test/**/*.test.ts"]),
      project("jobs", ["packages/jobs/test/**/*.test.ts"]),
      project("web", ["packages/web/test/**/*.test.{ts,tsx}", "apps/*/test/**/*.test.{ts,tsx}"]),
      project("scripts", [
        "scripts/test/**/*.test.ts",
        "tooling/test/**/*.test.ts",
        "loadtest/test/**/*.test.ts",
      ]),
      project("system", SYSTEM, []),
    ],
  },
});
