import { migrate } from "@openhouse/db/migrate";
import { type SeedResult, seed } from "@openhouse/db/seed";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@openhouse/pool-testing";
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import { developerPortal } from "./shutdown/developer.ts";
import { frozen } from "./shutdown/frozen.ts";
import { POOL_MAX, type Scene, untilNoBackend } from "./shutdown/scene.ts";
import { secondSignal } from "./shutdown/second-signal.ts";
import type { Subject } from "./shutdown/subject.ts";
import { tenantPortal } from "./shutdown/tenant.ts";
import { underLoad } from "./shutdown/under-load.ts";
import { startThroughNpm } from "./support/npm-portal.ts";

// How a portal ends that was started as in production: through npm, on a database that can be made to wait.
let postgres: EmbeddedPostgres;
let appUrl: string;
let seeded: SeedResult;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ name: "e2e-shutdown", temporary: true });
  const app = new URL(postgres.url);
  app.username = "openhouse_app";
  app.password = "end-to-end";
  appUrl = app.href;
  await migrate({ ownerUrl: postgres.url, appUrl });
  seeded = await seed({ appUrl });
});
afterAll(() => postgres?.stop());

const sceneOf = (makeSubject: () => Subject) => (): Scene => {
  const subject = makeSubject();
  return {
    subject,
    serverUrl: postgres.url,
    async start(drainMs) {
      const portal = await startThroughNpm(subject.workspace, {
        DATABASE_URL: appUrl,
        AUTH_SECRET: "end-to-end tests sign their sessions with this",
        DB_DRAIN_MS: String(drainMs),
        DB_POOL_MAX: String(POOL_MAX),
        // Requests wait as long as a test holds them up; none is shed.
        DB_POOL_MAX_WAITING: "500",
        DB_POOL_CONN_TIMEOUT_MS: "25000",
      });
      onTestFinished(async () => {
        await portal.kill();
        await untilNoBackend(postgres.url);
      });
      return portal;
    },
  };
};

describe.each([
  ["developer", sceneOf(() => developerPortal(postgres.url, seeded))],
  ["tenant", sceneOf(() => tenantPortal(postgres.url))],
])("the %s portal", (_name, scene) => {
  underLoad(scene);
  secondSignal(scene);
  frozen(scene);
});
