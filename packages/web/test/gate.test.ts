import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GUESSES } from "../src/allowances.ts";
import { gateOf } from "../src/gate.ts";
import { signSessionToken } from "../src/session-token.ts";

const refused = vi.hoisted(() => ({ seconds: 0, asked: [] as string[] }));
vi.mock("../src/attempts.ts", () => ({
  refusedForSeconds: (allowance: { name: string }, address: string) => {
    refused.asked.push(`${allowance.name} ${address}`);
    return refused.seconds;
  },
}));
/** Times that the gate waits before it refuses. */
const slept = vi.hoisted((): number[] => []);
vi.mock("node:timers/promises", () => ({ setTimeout: async (ms: number) => void slept.push(ms) }));

/** Tokens that were verified. */
const verified = vi.hoisted((): string[] => []);
vi.mock("../src/session-token.ts", async (importActual) => {
  const actual = await importActual<typeof import("../src/session-token.ts")>();
  const verifySessionToken: typeof actual.verifySessionToken = (portal, token) => {
    verified.push(token);
    return actual.verifySessionToken(portal, token);
  };
  return { ...actual, verifySessionToken };
});

let server: Server;
let held: ServerResponse[];
const ID = "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3e";

beforeEach(async () => {
  vi.stubEnv("AUTH_SECRET", "a secret of at least 32 characters, one");
  refused.seconds = 0;
  refused.asked.length = 0;
  slept.length = 0;
  held = [];
  const gate = gateOf("tenant", { turnMs: 60_000 });
  const behind = (message: IncomingMessage, response: ServerResponse) => {
    if (message.url === "/held") held.push(response);
    else response.end("behind");
  };
  server = createServer((message, response) => void gate(message, response, () => behind(message, response)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Answer {
  status: number | undefined;
  body: string;
  retryAfter: string | undefined;
}

function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, method, headers }, (response) => {
      let body = "";
      response.on("data", (piece) => {
        body += String(piece);
      });
      response.on("end", () =>
        resolve({ status: response.statusCode, body, retryAfter: response.headers["retry-after"] }),
      );
    })
      .on("error", reject)
      .end();
  });
}

const session = async (expiresAt = new Date(Date.now() + 60_000)) => {
  const claims = { sessionId: ID, tenantId: ID, subjectId: ID, expiresAt };
  return { cookie: `theme=dark; openhouse-tenant=${await signSessionToken("tenant", claims)}; other=1` };
};

test("a page's call of an action is answered by the action, as the page could not show another answer", async () => {
  refused.seconds = 61;
  expect(await ask("/onboard/AAAA", { "next-action": "40aa" }, "POST")).toMatchObject({
    status: 200,
    body: "behind",
  });
  expect((await ask("/onboard/AAAA", {}, "POST")).status).toBe(429);
});

test("who is over an allowance is answered in front of the portal, late and in words, for pages and for routes", async () => {
  refused.seconds = 61;
  const page = await ask("/onboard/AAAA");
  expect(page).toMatchObject({ status: 429, retryAfter: "61" });
  expect(page.body).toContain("There were too many attempts from here. Please wait 2 minutes.");
  expect(await ask("/api/onboarding", {}, "POST")).toEqual({
    status: 429,
    retryAfter: "61",
    body: '{"error":"too_many_attempts"}',
  });
  expect(slept).toHaveLength(2);
  for (const ms of slept) expect(ms).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...slept)).toBeLessThanOrEqual(4_000);
  expect(slept[0]).not.toBe(slept[1]);
  expect([...new Set(refused.asked)]).toEqual([`${GUESSES.name} 127.0.0.1`]);
  expect(await ask("/sign-in")).toMatchObject({ status: 200, body: "behind" });
});

test("three strangers are served at once, two hundred wait, the next is turned away; who is signed in passes them all", async () => {
  const strangers = Array.from({ length: 203 }, () => ask("/held"));
  await vi.waitFor(() => expect(held).toHaveLength(3));
  await vi.waitFor(async () => expect(await ask("/")).toMatchObject({ status: 503, retryAfter: "1" }));
  expect(held).toHaveLength(3);
  expect(await ask("/", await session())).toMatchObject({ status: 200 });
  for (const open of ["/api/health/live", "/api/metrics", "/_next/static/x.js"])
    expect((await ask(open)).status).toBe(200);

  for (let done = 0; done < 203; done++) {
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(done));
    held[done]?.end();
  }
  expect((await Promise.all(strangers)).filter(({ status }) => status !== 200)).toEqual([]);
});

test("only what is served without rendering passes: what merely begins like it waits as any page does", async () => {
  const strangers = Promise.allSettled(Array.from({ length: 203 }, () => ask("/held")));
  await vi.waitFor(() => expect(held).toHaveLength(3));
  await vi.waitFor(async () => expect((await ask("/")).status).toBe(503));
  const status = async (path: string) => (await ask(path)).status;
  for (const open of [
    "/_next/static/chunks/x.js",
    "/api/health/live",
    "/api/health/ready",
    "/api/health/db?x",
    "/api/metrics",
    "/api/figures",
    "/api/inngest",
    "/icon.svg?hash",
  ])
    expect([open, await status(open)]).toEqual([open, 200]);
  for (const rendered of [
    "/_next/anything",
    "/_next/staticanything",
    "/api/health/anything",
    "/api/health/live/anything",
    "/icon.svganything",
    "/api/metrics/anything",
  ])
    expect([rendered, await status(rendered)]).toEqual([rendered, 503]);

  server.closeAllConnections();
  await strangers;
});

test("in development, Next's own paths pass", async () => {
  vi.stubEnv("NODE_ENV", "development");
  const gate = gateOf("tenant");
  const passed: string[] = [];
  for (const url of ["/_next/webpack-hmr", "/_next/static/x.js"])
    await gate({ url, headers: {} } as IncomingMessage, {} as ServerResponse, () => void passed.push(url));
  expect(passed).toEqual(["/_next/webpack-hmr", "/_next/static/x.js"]);
});

test("who is over the allowance by the time of their turn takes none, and is told so", async () => {
  const first = Array.from({ length: 3 }, () => ask("/held"));
  await vi.waitFor(() => expect(held).toHaveLength(3));
  const guesses = Array.from({ length: 20 }, () => ask("/onboard/AAAA"));
  await vi.waitFor(() => expect(refused.asked.length).toBeGreaterThanOrEqual(20));
  refused.seconds = 61;
  const other = ask("/");
  held.shift()?.end();
  for (const { status, retryAfter } of await Promise.all(guesses))
    expect([status, retryAfter]).toEqual([429, "61"]);
  expect(await other).toMatchObject({ status: 200, body: "behind" });
  for (const response of held) response.end();
  await Promise.all(first);
});

test("a place is not kept for longer than a turn by somebody who takes their time", async () => {
  const gate = gateOf("tenant", { turnMs: 50 });
  server.removeAllListeners("request");
  server.on("request", (message, response) => void gate(message, response, () => void held.push(response)));
  const slow = Array.from({ length: 7 }, () => ask("/held"));
  await vi.waitFor(() => expect(held).toHaveLength(7));
  for (const response of held) response.end();
  await Promise.all(slow);
});

test("of a header full of tokens three are looked at, and none of another cookie's", async () => {
  const forged = `${(await session()).cookie.split("; ")[1]?.slice(0, -8)}forgedAA`;
  verified.length = 0;
  expect((await ask("/", { cookie: Array.from({ length: 30 }, () => forged).join("; ") })).status).toBe(200);
  expect(verified).toHaveLength(3);
  verified.length = 0;
  await ask("/", { cookie: forged.replace("openhouse-tenant", "x-openhouse-tenant") });
  await ask("/", { cookie: forged.replace("openhouse-tenant", "theme") });
  expect(verified).toEqual([]);
});

test("a cookie that is made up, expired or of the other portal does not pass", async () => {
  const strangers = Array.from({ length: 203 }, () => ask("/held").catch(() => {}));
  await vi.waitFor(async () => expect((await ask("/")).status).toBe(503));
  const claims = { sessionId: ID, tenantId: ID, subjectId: ID, expiresAt: new Date(Date.now() + 60_000) };
  const good = (await session()).cookie;
  const others = await signSessionToken("developer", claims);
  const expired = (await session(new Date(Date.now() - 60_000))).cookie;
  for (const cookie of [
    "openhouse-tenant=eyJh.eyJh.eyJh",
    `${good.slice(0, -12)}x`,
    `openhouse-developer=${others}`,
    expired,
    "x",
  ])
    expect((await ask("/", { cookie })).status, cookie).toBe(503);
  expect((await ask("/", { cookie: good })).status).toBe(200);
  server.closeAllConnections();
  await Promise.all(strangers);
});
