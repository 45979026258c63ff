import { seed } from "@openhouse/db/seed";
import { waitFor } from "@openhouse/pool-testing";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { RunningPortal } from "../support/portal.ts";
import { type Answer, type Context, get, post } from "./context.ts";

const AMELIA = { email: "amelia@harbourvale.example", password: "harbour-demo-1" };
const VIEWER = { email: "tomasz@harbourvale.example", password: "harbour-demo-2" };

function setCookie({ headers }: Answer): string {
  return headers.getSetCookie().join("; ");
}

/** The cookies as the browser sends them back. */
function cookieOf(answer: Answer): { cookie: string } {
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; "),
  };
}

/** Sessions, roles and addresses where they touch Next. */
export function signingIn(context: () => Context): void {
  let portal: RunningPortal;
  let signedIn: Answer;

  beforeAll(() => {
    portal = context().portal;
  });

  beforeEach(async () => {
    signedIn = await post(portal, "/api/sign-in", AMELIA);
  });

  const as = (headers: Record<string, string>, path: string) => get(portal, path, { headers });

  test("staff get a cookie that no script reads, for this portal and twelve hours", async () => {
    expect(JSON.parse(signedIn.body)).toMatchObject({ outcome: "signed-in" });
    const cookie = setCookie(signedIn);
    expect(cookie).toMatch(/^openhouse-developer=ey[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=lax$/);
    const expires = Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? "");
    expect((expires - Date.now()) / 3_600_000).toBeCloseTo(12, 1);
    expect(await as(cookieOf(signedIn), "/staff")).toMatchObject({
      status: 200,
      body: expect.stringContaining("Amelia Hart"),
    });
    expect(JSON.parse((await as(cookieOf(signedIn), "/api/session")).body)).toEqual({
      name: "Amelia Hart",
      tenant: "Harbour & Vale Homes",
    });
  });

  test("over TLS the cookie is this host's alone, and nothing is asked for without TLS any more", async () => {
    const overTls = { "x-forwarded-proto": "https", origin: portal.url.replace("http:", "https:") };
    const answer = await post(portal, "/api/sign-in", AMELIA, overTls);
    expect(setCookie(answer)).toMatch(/^__Host-openhouse-developer=ey[^;]+; Path=\/; .*Secure; HttpOnly/);
    expect(answer.headers.get("strict-transport-security")).toBe("max-age=63072000; includeSubDomains");
    expect(signedIn.headers.get("strict-transport-security")).toBeNull();
    expect((await as({ ...cookieOf(answer), ...overTls }, "/api/session")).status).toBe(200);
    const planted = { cookie: `openhouse-developer=${cookieOf(answer).cookie.split("=")[1]}`, ...overTls };
    expect((await as(planted, "/api/session")).status).toBe(401);
    const out = await post(portal, "/api/sign-out", {}, { ...cookieOf(answer), ...overTls });
    expect(setCookie(out)).toMatch(/^__Host-openhouse-developer=; .*1970.*Secure/);
  });

  test("no other site shares a window with a page, or shows what it is sent", async () => {
    const { headers } = await get(portal, "/documents");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  test("a wrong password gives no cookie", async () => {
    const answer = await post(portal, "/api/sign-in", { ...AMELIA, password: "wrong" });
    expect([JSON.parse(answer.body).outcome, setCookie(answer)]).toEqual(["wrong", ""]);
  });

  test("another role sees the forbidden page with 403, and gets 403 from routes", async () => {
    const viewer = cookieOf(await post(portal, "/api/sign-in", VIEWER));
    expect(await as(viewer, "/staff")).toMatchObject({
      status: 403,
      body: expect.stringContaining("not for you"),
    });
    expect(await as(viewer, "/api/session")).toMatchObject({ status: 403, body: '{"error":"forbidden"}' });
    expect((await as(viewer, "/api/session?viewers")).status).toBe(200);
  });

  test("a cookie that was tampered with is no cookie, and no error", async () => {
    const { cookie } = cookieOf(signedIn);
    for (const broken of [`${cookie}x`, "openhouse-developer=noise", "openhouse-developer="]) {
      const page = await as({ cookie: broken }, "/staff");
      expect([page.status, page.headers.get("location")]).toEqual([307, "/sign-in"]);
    }
    const foreign = cookie.replace("openhouse-developer", "openhouse-tenant");
    expect((await as({ cookie: foreign }, "/owner")).status).toBe(307);
  });

  test("signing out clears the cookie, and the cookie that somebody kept is worth nothing", async () => {
    const out = await post(portal, "/api/sign-out", {}, cookieOf(signedIn));
    expect(setCookie(out)).toMatch(/^openhouse-developer=; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect(out.headers.get("clear-site-data")).toBe('"cache", "storage"');
    expect((await as(cookieOf(signedIn), "/api/session")).status).toBe(401);
  });

  test("the security log tells whose session began and ended and why, and who was kept out", async () => {
    const events = () =>
      portal
        .log()
        .filter(({ event }) => /^(session|role)\./.test(String(event)))
        .map(({ event, portal: where, reason }) => [event, where, reason].filter(Boolean).join(" "));
    const before = events().length;
    const first = await post(portal, "/api/sign-in", AMELIA);
    const again = await post(portal, "/api/sign-in", AMELIA, cookieOf(first));
    await post(portal, "/api/sign-out", {}, cookieOf(again));
    await as(cookieOf(await post(portal, "/api/sign-in", VIEWER)), "/staff");
    const expected = [
      "session.started developer",
      "session.started developer",
      "session.ended developer replaced",
      "session.ended developer signed_out",
      "session.started developer",
      "role.forbidden developer",
    ];
    await waitFor(() => events().length >= before + expected.length, { what: "the lines" });
    expect(events().slice(before)).toEqual(expected);
  });

  test("signing in ends the session that the browser had, and leaves other browsers' alone", async () => {
    const other = await post(portal, "/api/sign-in", AMELIA);
    const again = await post(portal, "/api/sign-in", AMELIA, cookieOf(signedIn));
    expect((await as(cookieOf(signedIn), "/api/session")).status).toBe(401);
    expect((await as(cookieOf(again), "/api/session")).status).toBe(200);
    expect((await as(cookieOf(other), "/api/session")).status).toBe(200);
  });

  test("a homeowner's code opens the tenant portal's session, and only that", async () => {
    const { onboarding } = await seed({ appUrl: context().databaseUrl });
    const welcome = await post(portal, "/api/onboard", { code: onboarding[0]?.code });
    expect(JSON.parse(welcome.body)).toEqual({ outcome: "welcome" });
    expect(setCookie(welcome)).toMatch(/^openhouse-tenant=ey/);
    expect((await as(cookieOf(welcome), "/owner")).body).toContain(onboarding[0]?.homeownerName);
    expect((await as(cookieOf(welcome), "/staff")).status).toBe(307);
    expect(JSON.parse((await post(portal, "/api/onboard", { code: onboarding[0]?.code })).body)).toEqual({
      outcome: "used",
    });
  });

  test("attempts are counted for the socket's address, whatever X-Forwarded-For says", async () => {
    const answer = await post(portal, "/api/sign-in", AMELIA, { "x-forwarded-for": "198.51.100.1" });
    expect(JSON.parse(answer.body).address).toBe("127.0.0.1");
  });
}
