import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { refusalOf, refuseEarly } from "../src/refuse-early.ts";
import { REFUSALS, refusalAt, refusalPath } from "../src/refused-request.ts";
import { unlimitedLog } from "./support/unlimited-log.ts";

unlimitedLog();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const OWN = { host: "portal.example", origin: "https://portal.example", "x-forwarded-proto": "https" };
const post = (headers: IncomingMessage["headers"], url = "/documents") =>
  refusalOf({ method: "POST", url, headers: { "content-length": "10", ...headers } });

describe("a form sent to a page", () => {
  test("is let through from the portal's own page", () => {
    expect(post(OWN)).toBeUndefined();
    expect(post({ host: "portal.example", "sec-fetch-site": "same-origin" })).toBeUndefined();
  });

  test.each<[string, IncomingMessage["headers"]]>([
    ["without an Origin", { host: "portal.example" }],
    ["from another site", { ...OWN, origin: "https://evil.example" }],
    ["from another port", { ...OWN, origin: "https://portal.example:8443" }],
    ["from a sandboxed document", { ...OWN, origin: "null" }],
    ["from something that is no address", { ...OWN, origin: "portal.example" }],
    ["from the same host without TLS", { ...OWN, origin: "http://portal.example" }],
    ["over TLS, for a portal without", { host: "localhost:3000", origin: "https://localhost:3000" }],
    ["with no host to compare", { origin: "https://portal.example" }],
  ])("is refused %s", (_where, headers) => {
    expect(post(headers)).toBe("cross_origin");
  });

  test("is refused where nobody knows how long it is, and where it is longer than any document", () => {
    expect(post({ ...OWN, "content-length": undefined })).toBe("no_length");
    expect(post({ ...OWN, "transfer-encoding": "chunked" })).toBe("no_length");
    expect(post({ ...OWN, "content-length": String(3 * 1024 * 1024) })).toBeUndefined();
    expect(post({ ...OWN, "content-length": String(3 * 1024 * 1024 + 1) })).toBe("too_large");
  });

  test.each<[string, string | undefined]>([
    ["multipart/form-data", "form"],
    ["Multipart/Form-Data; boundary=", "form"],
    ['multipart/form-data; boundary=""', "form"],
    [`multipart/form-data; boundary=${"a".repeat(71)}`, "form"],
    ["multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", undefined],
    ['multipart/form-data; charset=utf-8; boundary="a b"', undefined],
    ["text/plain;charset=UTF-8", undefined],
    ["application/x-www-form-urlencoded", undefined],
  ])("that says %s", (type, code) => {
    expect(post({ ...OWN, "content-type": type })).toBe(code);
  });
});

test("routes look for themselves: an executor of jobs has no Origin", () => {
  expect(post({ host: "portal.example" }, "/api/inngest?fnId=a")).toBeUndefined();
});

test.each(["TRACE", "PROPFIND", "CONNECT"])("%s is refused everywhere", (method) => {
  expect(refusalOf({ method, url: "/api/health/live", headers: OWN })).toBe("method");
});

test.each(["/documents/%F0%28", "/%", "/documents/%E0%A4%A?x=1"])(
  "an address that cannot be read: %s",
  (url) => {
    expect(refusalOf({ method: "GET", url, headers: OWN })).toBe("address");
    expect(
      refusalOf({ method: "GET", url: "/documents/%F0%9F%8F%A0?q=%F0%28", headers: OWN }),
    ).toBeUndefined();
  },
);

test("a refused request is led to its refusal, and the log says why and no more", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const request = { method: "POST", url: "/onboard/SECRETCODE", headers: { host: "a" } } as IncomingMessage;
  refuseEarly(request);
  expect(request).toMatchObject({ method: "GET", url: refusalPath("cross_origin") });
  expect(warn.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
    { time: expect.any(String), level: "warn", event: "web.request_refused", reason: "cross_origin" },
  ]);
});

test("the page that Next made at the build is no page, and one whose name only begins alike is", () => {
  const of = (url: string) => refusalOf({ method: "GET", url, headers: {} });
  for (const url of ["/_global-error", "/_global-error/", "/_global-error?a"])
    expect(of(url)).toBe("no_page");
  expect(of("/_global-errors")).toBeUndefined();
});

test("every refusal is found at its own address, and at no other", () => {
  for (const code of [
    "method",
    "address",
    "no_page",
    "cross_origin",
    "no_length",
    "too_large",
    "form",
  ] as const)
    expect(refusalAt(refusalPath(code))).toBe(REFUSALS[code]);
  for (const path of ["/", "/-/refused/", "/-/refused/constructor", "/documents"])
    expect(refusalAt(path)).toBeUndefined();
});
