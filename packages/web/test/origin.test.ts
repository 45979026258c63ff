import { describe, expect, test } from "vitest";
import { assertSameOrigin } from "../src/origin.ts";

function request(headers: Record<string, string>): Request {
  return new Request("http://portal.example/api/documents", { method: "POST", headers });
}

describe("a state-changing request is let through", () => {
  const allowed: [string, Record<string, string>][] = [
    ["from the portal's own page", { host: "portal.example", origin: "https://portal.example" }],
    ["with a port", { host: "localhost:3000", origin: "http://localhost:3000" }],
    ["whatever the host's letter case", { host: "Portal.Example", origin: "https://portal.example" }],
    [
      "behind a proxy that renames the host",
      { host: "10.0.0.7:3000", "x-forwarded-host": "portal.example", origin: "https://portal.example" },
    ],
    ["when the browser says so and sends no origin", { host: "a.example", "sec-fetch-site": "same-origin" }],
  ];
  for (const [what, headers] of allowed) {
    test(what, () => expect(() => assertSameOrigin(request(headers))).not.toThrow());
  }
});

describe("a state-changing request is refused with 403", () => {
  const refused: [string, Record<string, string>][] = [
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
