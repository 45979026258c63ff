import { NextRequest, NextResponse } from "next/server";
import { afterEach, expect, test, vi } from "vitest";
import { portalConfig } from "../src/next-config.ts";
import { servePage } from "../src/proxy.ts";

// That a built portal sends these: portal.test.ts.

const visitor = vi.hoisted(() => ({ jar: undefined as unknown, headers: new Map<string, string>() }));
vi.mock("next/headers", () => ({
  cookies: async () => visitor.jar,
  headers: async () => ({ get: (name: string) => visitor.headers.get(name) ?? null }),
}));

// Another file of this process may have loaded it with Next's own.
vi.resetModules();
const { portalCookie } = await import("../src/session-cookie.ts");

afterEach(() => void vi.unstubAllEnvs());

/** What a cookie is set with, as a browser receives it. */
async function setCookieOver(scheme: "http" | "https", act: "write" | "clear"): Promise<string> {
  const response = new NextResponse();
  visitor.jar = response.cookies;
  visitor.headers = new Map([["x-forwarded-proto", scheme]]);
  const cookie = await portalCookie("openhouse-tenant");
  if (act === "write") cookie.write("token", new Date(4_000_000_000_000));
  else cookie.clear();
  return response.headers.get("set-cookie") ?? "";
}

test("over TLS a cookie is this host's alone, and is sent over TLS alone", async () => {
  const attributes = (await setCookieOver("https", "write")).split("; ");
  expect(attributes[0]).toBe("__Host-openhouse-tenant=token");
  expect(attributes).toEqual(expect.arrayContaining(["Path=/", "Secure", "HttpOnly", "SameSite=lax"]));
  expect(attributes.join()).not.toContain("Domain");
  const cleared = await setCookieOver("https", "clear");
  expect(cleared).toMatch(/^__Host-openhouse-tenant=; .*1970/);
  expect(cleared).toContain("Secure");
});

test("without TLS a cookie has the bare name, as browsers would not take the other", async () => {
  const attributes = (await setCookieOver("http", "write")).split("; ");
  expect(attributes[0]).toBe("openhouse-tenant=token");
  expect(attributes).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=lax"]));
  expect(attributes).not.toContain("Secure");
});

test("every answer says that no other site shares a window with it, shows it, or guesses its type", async () => {
  const [rule] = (await portalConfig.headers?.()) ?? [];
  expect(rule?.source).toBe("/:path*");
  expect(Object.fromEntries(rule?.headers.map(({ key, value }) => [key, value]) ?? [])).toMatchObject({
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
  });
});

test("each page has a nonce of its own, which its answer's policy and Next's both have", () => {
  vi.stubEnv("NODE_ENV", "production");
  const policies = [1, 2].map(() => {
    const response = servePage(new NextRequest("https://home.example/chat"));
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(response.headers.get("x-middleware-request-content-security-policy")).toBe(policy);
    return policy;
  });
  for (const policy of policies)
    expect(policy).toMatch(/script-src 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic';/);
  expect(policies[0]).not.toBe(policies[1]);
  for (const policy of policies) expect(policy).not.toMatch(/unsafe|\*/);
});
