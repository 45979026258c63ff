import { inject } from "vitest";

// Test files, and the processes they start, read the run's server from where it can be set by hand too.
process.env.TEST_DATABASE_URL ??= inject("testServerUrl");
