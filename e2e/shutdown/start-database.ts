import { test } from "./fixture.ts";

// Before a file's first test and not within it: its time is for what it tests.
test.beforeAll(({ database: _database }) => {});
