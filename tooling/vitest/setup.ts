import { afterAll, inject } from "vitest";

// Test files, and the processes they start, read the run's server from where it can be set by hand too.
process.env.TEST_DATABASE_URL ??= inject("testServerUrl");

// Threads that the sources start load sources too, without Vitest's loader.
if (!process.execArgv.includes("tsx")) process.execArgv.push("--import", "tsx");

// The next file in this process finds the environment as this one did.
const environment = { ...process.env };
afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
});
