import { defineConfig } from "vitest/config";

/** Of the site that was built: `npm run site` first. */
export default defineConfig({
  root: import.meta.dirname,
  test: { include: ["test/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000, retry: 0 },
});
