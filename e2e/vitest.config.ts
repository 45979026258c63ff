import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { OneOrder } from "./support/sequencer.ts";

function project(name: string, include: string, setupFiles: string[] = []): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include: [include],
      setupFiles,
      // What one file has started serves the others.
      isolate: false,
      // A browser and two portals on two shared cores: what hangs is still told apart from what is slow.
      testTimeout: 60_000,
      hookTimeout: 120_000,
      retry: 0,
      // Portals, a server and a browser are load enough.
      fileParallelism: false,
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  test: {
    sequence: { sequencer: OneOrder },
    projects: [
      project("portals", "{portals,chat,chat-api}/*.test.ts", ["support/start-portals.ts"]),
      project("accessibility", "accessibility/*.test.ts", ["support/start-portals.ts"]), // by hand: `.ci/long accessibility`
      project("shutdown", "shutdown/*.test.ts", ["shutdown/start-database.ts"]),
      project("loadtest", "loadtest.test.ts"),
    ],
  },
});
