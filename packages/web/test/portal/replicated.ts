import { type Standby, startStandby } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPortal, startFixture } from "../support/portal.ts";
import { COOPERS_QUAY, HARBOUR, NORTHGATE } from "../support/tenant-database.ts";
import { answers, type Context, get, post } from "./context.ts";

/** The same portal with a replica. */
export function replicated(context: () => Context): void {
  let standby: Standby;
  let portal: RunningPortal;

  beforeAll(async () => {
    standby = await startStandby(context().server);
    const url = new URL(context().databaseUrl);
    url.port = String(standby.port);
    portal = await startFixture({ DATABASE_URL: context().databaseUrl, DATABASE_URL_REPLICAS: url.href });
  });
  afterAll(async () => {
    await portal?.stop();
    await standby?.stop("immediate");
  });

  const read = async (at: RunningPortal, cookie = "", tenantId = HARBOUR) => {
    const path = `/api/address?tenantId=${tenantId}&developmentId=${COOPERS_QUAY}`;
    return JSON.parse((await get(at, path, { headers: { cookie } })).body);
  };
  const write = (at: RunningPortal, address: string) =>
    post(at, "/api/address", { tenantId: HARBOUR, developmentId: COOPERS_QUAY, address });

  test("who has written sees it at once, others when the replica has it", async () => {
    await answers(portal, "/api/health/ready", 200);
    await expect.poll(async () => (await read(portal)).isStandby, { timeout: 10_000 }).toBe(true);
    const before = await read(portal);
    await standby.pauseReplay();
    try {
      const cookies = (await write(portal, "1 New Road")).headers.getSetCookie();
      expect(cookies).toHaveLength(1);
      const [cookie = ""] = cookies;
      expect(cookie).toMatch(/^openhouse-read-after=.*; Path=\/; Expires=.*; HttpOnly; SameSite=lax$/i);
      const expires = Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? "");
      expect(expires - Date.now()).toBeGreaterThan(20_000);
      expect(expires - Date.now()).toBeLessThanOrEqual(30_000);
      const sent = cookie.split(";")[0] ?? "";
      expect(await read(portal, sent)).toEqual({ address: "1 New Road", isStandby: false });
      expect(await read(portal)).toEqual(before);
      expect(await read(portal, "openhouse-read-after=1/0/0")).toEqual(before);
      expect(await read(portal, `${sent}x`)).toEqual(before);
      expect(await read(portal, sent, NORTHGATE)).toBeNull(); // another tenant's position is none, and its rows are its own
    } finally {
      await standby.resumeReplay();
    }
  });

  test("without DATABASE_URL_REPLICAS there is no cookie", async () => {
    const answer = await write(context().portal, "2 New Road");
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
    expect(await read(context().portal)).toEqual({ address: "2 New Road", isStandby: false });
  });
}
