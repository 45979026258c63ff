import { migrate } from "@openhouse/db/migrate";
import { seed } from "@openhouse/db/seed";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@openhouse/pool-testing";
import { afterAll, beforeAll, describe } from "vitest";
import type { Context } from "./portal/context.ts";
import { end } from "./portal/end.ts";
import { logging } from "./portal/logging.ts";
import { outage } from "./portal/outage.ts";
import { refusing } from "./portal/refusing.ts";
import { replicated } from "./portal/replicated.ts";
import { rolledBack } from "./portal/rolled-back.ts";
import { serving } from "./portal/serving.ts";
import { signingIn } from "./portal/signing-in.ts";
import { buildFixture, type RunningPortal, startFixture } from "./support/portal.ts";

// One real `next build` and `next start` of the portal in fixture-portal/, on a Postgres of its own that may
// be killed. In one file, because the build takes most of the time.
let server: EmbeddedPostgres;
let portal: RunningPortal;
let databaseUrl: string;

beforeAll(async () => {
  server = await startEmbeddedPostgres({ name: "web-portal" });
  databaseUrl = `postgres://openhouse_app:app@127.0.0.1:${server.port}/postgres`;
  const prepared = migrate({ ownerUrl: server.url, appUrl: databaseUrl }).then(() =>
    seed({ appUrl: databaseUrl }),
  );
  await Promise.all([buildFixture(), prepared]);
  portal = await startFixture({ DATABASE_URL: databaseUrl });
}, 120_000);

afterAll(async () => {
  await portal?.stop();
  await server?.stop("immediate");
});

const context = (): Context => ({ server, portal, databaseUrl });

describe("while the database is up", () => serving(context));
describe("the log", () => logging(context));
describe("what strangers send", () => refusing(context));
describe("rolled back", () => rolledBack(context));
describe("with a replica", () => replicated(context));
describe("signing in", () => signingIn(context));
describe("an outage of the database", () => outage(context));
describe("the end", () => end(context));
