import { afterEach, describe, expect, test, vi } from "vitest";
import { assertSameOrigin } from "../src/origin.ts";

function request(headers: Record<string, string>): Request {
  return new Request("http://10.0.0.7/api/documents", { method: "POST", headers });
}

afterEach(() => vi.unstubAllEnvs());

const TLS = { "x-forwarded-proto": "https" };

describe("a state-changing request is let through", () => {
  const allowed: [string, Record<string, string>][] = [
    ["from the portal's own page", { ...TLS, host: "portal.example", origin: "https://portal.example" }],
    ["with a port", { host: "localhost:3000", origin: "http://localhost:3000" }],
    ["whatever the host's letter case", { ...TLS, host: "Portal.Example", origin: "https://portal.example" }],
    ["with the usual port", { ...TLS, host: "portal.example:443", origin: "https://portal.example" }],
    [
      "behind two proxies, of which the first ends TLS",
      { host: "portal.example", "x-forwarded-proto": "https, http", origin: "https://portal.example" },
    ],
    [
      "behind a proxy that renames the host",
      {
        ...TLS,
        host: "10.0.0.7:3000",
        "x-forwarded-host": "portal.example",
        origin: "https://portal.example",
      },
    ],
    ["when the browser says so and sends no origin", { host: "a.example", "sec-fetch-site": "same-origin" }],
  ];
  for (const [what, headers] of allowed) {
    test(what, () => expect(() => assertSameOrigin(request(headers))).not.toThrow());
  }
});

test("where the proxy does not say that it ends TLS, PUBLIC_URL does", () => {
  const sent = request({ host: "portal.example", origin: "https://portal.example" });
  expect(() => assertSameOrigin(sent)).toThrow("cross_origin");
  vi.stubEnv("PUBLIC_URL", "https://portal.example");
  expect(() => assertSameOrigin(sent)).not.toThrow();
});

describe("a state-changing request is refused with 403", () => {
  const refused: [string, Record<string, string>][] = [
    [
      "without TLS, for a portal with it",
      { ...TLS, host: "portal.example", origin: "http://portal.example" },
    ],
    ["with TLS, for a portal without it", { host: "localhost:3000", origin: "https://localhost:3000" }],
    ["from another site", { host: "portal.example", origin: "https://evil.example" }],
    ["from another port", { host: "localhost:3000", origin: "http://localhost:3001" }],
    [
      "from a name that ends alike",
      { host: "portal.example", origin: "https://portal.example.evil.example" },
    ],
    ["from a sandboxed document", { host: "portal.example", origin: "null" }],
    ["from nowhere", { host: "portal.example" }],
    ["from a sibling site without origin", { host: "portal.example", "sec-fetch-site": "same-site" }],
    [
      "with a foreign origin, whatever the browser is made to say",
      { host: "portal.example", origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    ],
  ];
  for (const [what, headers] of refused) {
    test(what, () => {
      expect(() => assertSameOrigin(request(headers))).toThrowError(
        expect.objectContaining({ status: 403, code: "cross_origin" }),
      );
    });
  }
});
