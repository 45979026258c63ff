import { getPoolStats } from "@openhouse/db/client";
import { canonicalJson } from "@openhouse/tooling/jobs-executor/json";
import { signatureOf } from "@openhouse/tooling/jobs-executor/signature";
import { NextRequest } from "next/server";
import { beforeEach, describe, expect, test, vi } from "vitest";

const KEY = `signkey-test-${"ab".repeat(32)}`;
const OTHER_KEY = `signkey-test-${"cd".repeat(32)}`;
const URL_SERVED = "https://tenant.example/api/inngest";
/** Whatever would touch the database fails. */
const NO_DATABASE = "mysql://nobody@nowhere/nothing";

beforeEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  vi.restoreAllMocks();
  for (const name of ["INNGEST_DEV", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY", "INNGEST_BASE_URL"])
    vi.stubEnv(name, "");
  vi.stubEnv("DATABASE_URL", NO_DATABASE);
});

/** The route as a portal serves it under this environment. */
async function route(env: Record<string, string>) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { GET, POST, PUT } = await import("../src/serve.ts");
  const handlers = { GET, POST, PUT };
  return async (method: keyof typeof handlers, body?: string, signature?: string, search = "") => {
    const headers = new Headers({ host: "tenant.example" });
    if (signature !== undefined) headers.set("x-inngest-signature", signature);
    const request = new NextRequest(URL_SERVED + search, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const response = await handlers[method](request, undefined);
    return { status: response.status, text: await response.text() };
  };
}

const RUN = "?fnId=openhouse-index-document&stepId=step";
const event = { name: "document/uploaded", data: { tenantId: "malformed" } };
const body = canonicalJson({
  version: 1,
  event,
  events: [event],
  steps: {},
  ctx: { fn_id: "openhouse-index-document", run_id: "run", attempt: 0, stack: { stack: [], current: 0 } },
});
const MINUTE_MS = 60_000;

describe("in production", () => {
  test("a signed request runs a function, and a signed GET is answered", async () => {
    const call = await route({ INNGEST_SIGNING_KEY: KEY });
    const ran = await call("POST", body, signatureOf(body, KEY, Date.now()), RUN);
    expect(ran.text).toContain("malformed"); // what the function makes of this event
    expect([200, 206]).toContain(ran.status);
    const looked = await call("GET", undefined, signatureOf("", KEY, Date.now()));
    expect(looked.status).toBe(200);
    expect(JSON.parse(looked.text)).toMatchObject({ mode: "cloud", function_count: 5 });
    expect(getPoolStats().max).toBe(0); // nothing of it has opened the database
  });

  test.each([
    ["none", undefined],
    ["one of another key", () => signatureOf(body, OTHER_KEY, Date.now())],
    ["one of another body", () => signatureOf("{}", KEY, Date.now())],
    ["one of an hour ago", () => signatureOf(body, KEY, Date.now() - 60 * MINUTE_MS)],
    ["one of the time to come", () => signatureOf(body, KEY, Date.now() + 60 * MINUTE_MS)],
    ["something else", () => "t=now&s=trust-me"],
    ["an empty one", () => ""],
  ])("with the signature being %s, nothing runs", async (_what, sign) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const call = await route({ INNGEST_SIGNING_KEY: KEY });
    for (const method of ["POST", "PUT", "GET"] as const) {
      const { status, text } = await call(method, method === "GET" ? undefined : body, sign?.(), RUN);
      expect(status, method).toBe(401);
      expect(text).not.toMatch(/function_count|malformed|node_modules/);
    }
  });

  test("a body that is no JSON is refused, and tells nothing of us", async () => {
    const call = await route({ INNGEST_SIGNING_KEY: KEY });
    expect((await call("POST", "{", undefined, RUN)).status).toBe(401); // it was not even read
    const { status, text } = await call("POST", "{", signatureOf("{", OTHER_KEY, Date.now()), RUN);
    expect(status).toBe(400);
    expect(text).toBe('{"error":"malformed"}');
  });

  test("a body without an end is not read to its end", async () => {
    vi.stubEnv("INNGEST_SIGNING_KEY", KEY);
    const { POST } = await import("../src/serve.ts");
    let sentMb = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sentMb++;
        if (sentMb > 64) controller.close();
        else controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
      },
    });
    const headers = { host: "tenant.example", "x-inngest-signature": signatureOf("", OTHER_KEY, Date.now()) };
    const request = new NextRequest(URL_SERVED + RUN, {
      method: "POST",
      headers,
      body: endless,
      duplex: "half",
    });
    const response = await POST(request, undefined);
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ error: "body_too_large" });
    expect(sentMb).toBeLessThan(8);
  });

  test("the key before the last one is good while it is given as the fallback", async () => {
    const call = await route({ INNGEST_SIGNING_KEY: OTHER_KEY, INNGEST_SIGNING_KEY_FALLBACK: KEY });
    const ran = await call("POST", body, signatureOf(body, KEY, Date.now()), RUN);
    expect([200, 206]).toContain(ran.status);
  });

  test("without a key everybody gets 503, and the log says once what is missing", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const call = await route({});
    for (const method of ["POST", "PUT", "GET"] as const)
      expect((await call(method, method === "GET" ? undefined : body)).status).toBe(503);
    expect(error.mock.calls.map(String).filter((line) => line.includes("jobs.not_configured"))).toHaveLength(
      1,
    );
    expect(error.mock.calls.join()).toContain("INNGEST_SIGNING_KEY");
  });
});

test("with a dev server, requests need no signature", async () => {
  const call = await route({ INNGEST_DEV: "http://127.0.0.1:9" });
  expect(JSON.parse((await call("GET")).text)).toMatchObject({ mode: "dev" });
  expect((await call("POST", body, undefined, RUN)).text).toContain("malformed");
});
