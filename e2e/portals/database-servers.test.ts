import { migrate } from "@openhouse/db/migrate";
import { type SeedResult, seed } from "@openhouse/db/seed";
import { signingFor } from "@openhouse/db/signing";
import {
  type EmbeddedPostgres,
  type Standby,
  startEmbeddedPostgres,
  startStandby,
} from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";
import { end, type Portal, startPortal } from "../support/portals.ts";

let primary: EmbeddedPostgres;
let standby: Standby;
let developer: Portal;
let seeded: SeedResult;

// A portal of its own: two hosts of which one must be the primary, and the other of which serves reads.
beforeAll(async () => {
  primary = await startEmbeddedPostgres({ name: "e2e-servers", temporary: true });
  const app = new URL(primary.url);
  app.username = "openhouse_app";
  app.password = "end-to-end";
  await migrate({ ownerUrl: primary.url, appUrl: app.href });
  seeded = await seed({ appUrl: app.href });
  standby = await startStandby(primary);
  const replica = new URL(app);
  replica.port = String(standby.port);
  developer = await startPortal("developer-portal", {
    DATABASE_URL: `${app.href.replace(app.host, `${app.host},${replica.host}`)}?target_session_attrs=primary`,
    DATABASE_URL_REPLICAS: replica.href,
    TENANT_SIGNING_KEY: signingFor(app.href).signingKey,
  });
}, 120_000);
afterAll(async () => {
  if (developer !== undefined) await end(developer);
  await standby?.stop("immediate");
  await primary?.stop();
});

test("the Database page shows hosts and replicas, what a replica has served, and that it is gone", async ({
  page,
}) => {
  await signIn(page, { developer, seeded }, companies({ seeded })[0]);
  await page.goto(`${developer.url}/documents`);
  await page.getByRole("rowheader").getByRole("link").first().click();
  await page.locator("article").waitFor(); // a document's page reads from a replica
  await page.goto(`${developer.url}/database`);
  const hosts = page.getByRole("region", { name: "Hosts" }).getByRole("row");
  await hosts.filter({ hasText: /Primary.*In use/ }).waitFor();
  await hosts.filter({ hasText: /Standby.*Stands by/ }).waitFor();
  const replica = page.getByRole("region", { name: "Replicas" }).getByRole("row").last();
  await replica
    .filter({ hasText: `127.0.0.1:${standby.port}` })
    .filter({ hasText: "In use" })
    .waitFor();
  const served = replica.getByRole("cell").nth(2);
  await expect.poll(() => served.innerText(), { timeout: 10_000 }).toMatch(/^[1-9]/);
  await photograph(page, "database-replica");
  await page.setViewportSize(PHONE);
  await photograph(page, "database-replica-phone");
  await standby.stop("immediate");
  await replica.filter({ hasText: /Out.*it does not answer/ }).waitFor();
  await page.getByText(/is not asked: it does not answer. The primary serves its reads/).waitFor();
  await page.getByText(`127.0.0.1:${standby.port} cannot be reached`).waitFor();
});
