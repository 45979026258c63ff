import { defineConfig } from "vitest/config";

export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: "e2e",
    include: ["*.test.ts"],
    // A browser and two portals on two shared cores: what hangs is still told apart from what is slow.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    retry: 0,
    // Portals, a server and a browser are load enough.
    fileParallelism: false,
  },
});
