import { availableParallelism } from "node:os";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { LongFilesFirst } from "./tooling/vitest/sequencer.ts";

const overSingleClient = process.env.DB_USE_SINGLE_CLIENT === "true";
if (overSingleClient) {
  console.log(
    "DB_USE_SINGLE_CLIENT=true: the project `pool` is left out, as it tests the pool itself, which is not in use; " +
      "so are db's isolation-under-fire and the flood of its background test, as one client at a time is no crowd, and " +
      "scripts' hot-reload, which counts the pool's connections.",
  );
}
const onlyOverPool = overSingleClient
  ? ["packages/db/test/isolation-under-fire.test.ts", "scripts/test/hot-reload.test.ts"]
  : [];

function project(name: string, include: string[], exclude: string[] = []): TestProjectInlineConfiguration {
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
      ...(overSingleClient ? [] : [project("pool", ["packages/pool/test/**/*.test.ts"])]),
      project("testing", ["packages/testing/test/**/*.test.ts"]),
      project("db", ["packages/db/test/**/*.test.ts"], onlyOverPool),
      project("jobs", ["packages/jobs/test/**/*.test.ts"]),
      project("web", ["packages/web/test/**/*.test.{ts,tsx}", "apps/*/test/**/*.test.{ts,tsx}"]),
      project(
        "scripts",
        ["scripts/test/**/*.test.ts", "tooling/test/**/*.test.ts", "loadtest/test/**/*.test.ts"],
        onlyOverPool,
      ),
    ],
  },
});
