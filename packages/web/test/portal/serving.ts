import { spawnSync } from "node:child_process";
import { waitFor } from "@openhouse/pool-testing";
import { beforeAll, expect, test } from "vitest";
import { submitForm } from "../support/form.ts";
import type { RunningPortal } from "../support/portal.ts";
import { answers, type Context, get, post } from "./context.ts";

/** While the database is up. */
export function serving(context: () => Context): void {
  let portal: RunningPortal;

  beforeAll(() => {
    portal = context().portal;
  });

  test("pages and routes answer as if nothing were around them", async () => {
    const page = await get(portal, "/documents");
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining("loaded title") });
    expect(page.headers.get("retry-after")).toBeNull();
    expect(await get(portal, "/api/slow?seconds=0")).toMatchObject({ status: 200, body: '{"slept":0}' });
    expect((await get(portal, "/streamed")).body).toContain("streamed");
  });

  test("promtool finds nothing to say of a scrape but of the name that OpenTelemetry's conventions have", async () => {
    const { body } = await get(portal, "/api/metrics");
    const { stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: body, encoding: "utf8" });
    expect(`${stdout}${stderr}`.trim()).toBe(
      'db_client_connection_count non-histogram and non-summary metrics should not have "_count" suffix',
    );
  });

  test("a scrape from this machine is answered, and none that came through a proxy, whatever that says", async () => {
    const answer = await get(portal, "/api/metrics");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(answer.body).toContain('db_client_connection_limit{db_client_connection_pool_name="openhouse"} ');
    expect(answer.body).toContain('openhouse_share_max{share="background"} ');
    expect(answer.body).toMatch(/^openhouse_retry_tokens 500$/m);
    await waitFor(
      async () => (await get(portal, "/api/metrics")).body.includes("\nopenhouse_database_up 1\n"),
      {
        what: "a probe to be over",
      },
    );
    for (const headers of [
      { "x-forwarded-for": "127.0.0.1" },
      { "x-forwarded-for": "" },
      { forwarded: "for=127.0.0.1" },
      { "x-real-ip": "127.0.0.1" },
      { via: "1.1 proxy" },
    ])
      expect(await get(portal, "/api/metrics", { headers })).toMatchObject({ status: 403, body: "" });
  });

  test("redirects and refusals of pages and routes pass through", async () => {
    const page = await get(portal, "/staff");
    expect([page.status, page.headers.get("location")]).toEqual([307, "/sign-in"]);
    expect(await get(portal, "/api/session")).toMatchObject({
      status: 401,
      body: '{"error":"sign_in_required"}',
    });
  });

  test("a bug is a 500 and no calm message, and neither visitor nor log learns the values", async () => {
    const page = await get(portal, "/documents?broken=1");
    expect(page.status).toBe(500);
    expect(page.body).not.toContain("database-unavailable");
    expect(await get(portal, "/api/fail?secret=hunter2")).toMatchObject({
      status: 500,
      body: '{"error":"internal"}',
    });
    const line = await waitFor(() => portal.log().find(({ route }) => route === "/api/fail"), {
      what: "the log",
    });
    expect(line).toMatchObject({ event: "web.unexpected_error", sqlstate: "22P02", at: expect.any(Array) });
    expect(portal.output()).not.toMatch(/hunter2/);
  });

  test.each(["", "&drizzle"])(
    "a slow statement is logged with the line of the source it comes from (%s)",
    async (how) => {
      const isOurs = ({ statement }: Record<string, unknown>) => statement === "select pg_sleep(?)";
      const before = portal.log().filter(isOurs).length;
      expect((await get(portal, `/api/slow?seconds=0.3${how}`)).status).toBe(200);
      const line = await waitFor(() => portal.log().filter(isOurs)[before], { what: "the log" });
      expect(line).toMatchObject({
        level: "warn",
        event: "db.query.slow",
        rows: 1,
        callSite: expect.stringMatching(/fixture-portal\/app\/api\/slow\/route\.ts:\d+:\d+\)?$/),
      });
    },
  );

  test("routes that change something are closed to other sites", async () => {
    expect((await post(portal, "/api/write")).status).toBe(200);
    expect(await post(portal, "/api/write", {}, { origin: "https://evil.example" })).toMatchObject({
      status: 403,
      body: '{"error":"cross_origin"}',
    });
  });

  test("actions return and redirect as if nothing were around them", async () => {
    expect(await (await submitForm(`${portal.url}/form`, {})).text()).toContain("<output>saved</output>");
    const left = await submitForm(`${portal.url}/form`, { next: "leave" });
    expect([left.status, left.headers.get("location")]).toEqual([303, "/documents"]);
  });

  test.for(["live", "ready", "db"])("/api/health/%s answers GET and HEAD, uncached", async (name) => {
    await answers(portal, `/api/health/${name}`, 200);
    for (const method of ["GET", "HEAD"]) {
      const { status, headers, body } = await get(portal, `/api/health/${name}`, { method });
      expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
      expect(body.length > 0).toBe(method === "GET");
    }
  });
}
