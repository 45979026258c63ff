import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";

test("while the database is away routes say 503, a page says so, and both come back by themselves", async ({
  portals,
  page,
}) => {
  const { developer, tenant, postgres } = portals;
  const status = async (url: string, method = "GET") => (await fetch(url, { method })).status;
  await signIn(page, portals, companies(portals)[0]);
  await postgres.kill();
  try {
    for (const { url } of [developer, tenant]) {
      // The connection that was cut off is one kind of error, the next attempt another.
      const response = await waitFor(
        async () => {
          const answer = await fetch(`${url}/api/health/db`);
          const { error } = await answer.clone().json();
          return error === "connection_refused" && answer;
        },
        { timeoutMs: 20_000, what: "health/db to notice" },
      );
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(await response.json()).toMatchObject({ status: "unhealthy" });
      expect(await status(`${url}/api/health/db`, "HEAD")).toBe(503);
      expect(await status(`${url}/api/health/live`)).toBe(200);
      await waitFor(async () => (await status(`${url}/api/health/ready`)) === 503, {
        timeoutMs: 20_000,
        what: "health/ready to give up after three failures",
      });
    }
    const [reply] = await Promise.all([
      page.waitForResponse((response) => response.url() === `${developer.url}/`),
      page.goto(developer.url),
    ]);
    expect(reply.status()).toBe(503);
    expect(reply.headers()["retry-after"]).toMatch(/^\d+$/);
    await page.getByRole("heading", { name: /right back/ }).waitFor();
    await photograph(page, "database-away-desktop");
    await page.setViewportSize(PHONE);
    await photograph(page, "database-away-phone");
    expect(await page.content()).not.toMatch(/ECONNREFUSED|127\.0\.0\.1:\d+|select /i);
  } finally {
    await postgres.restart();
  }
  await page.getByRole("heading", { level: 1, name: "Developments" }).waitFor({ timeout: 40_000 });
  for (const { url } of [developer, tenant]) {
    for (const route of ["live", "ready", "db"]) {
      await waitFor(async () => (await status(`${url}/api/health/${route}`)) === 200, {
        what: `${route} to be back`,
      });
    }
  }
});

test("nothing in the portals' logs tells SQL, parameters or passwords", ({
  portals: { developer, tenant },
}) => {
  const lines = (developer.output() + tenant.output()).split("\n");
  // A slow statement is told by its text, in which every value is a question mark.
  const told = lines.filter((line) => !line.includes('"event":"db.query.slow"')).join("\n");
  const log = told.replaceAll(/wrong_password|password_changed/g, "");
  expect(log).toContain("connection_refused");
  expect(log).not.toMatch(/select |insert |params:|end-to-end|scram|password/i);
});
