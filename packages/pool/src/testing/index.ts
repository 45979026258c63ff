export { defaultBaseDirectory, makeOpenDirectory, repositoryRoot } from "./base-directory.ts";
export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from "./embedded-error.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from "./embedded-postgres.ts";
export { type Direction, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
export { type GuardedProcess, type GuardOptions, spawnGuarded } from "./guard.ts";
export { findFreePort, isPortFree } from "./ports.ts";
export { asSuperuser } from "./superuser.ts";
export { createTestDatabase, type TestDatabase, testServerUrl, withDatabase } from "./test-database.ts";
export { type WaitOptions, waitFor } from "./wait-for.ts";
