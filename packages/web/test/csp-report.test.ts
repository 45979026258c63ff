import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pagePolicy } from "../src/content-security-policy.ts";
import { POST } from "../src/csp-report.ts";

const lines: Record<string, unknown>[] = [];
/** How long the log counts lines together. */
const WINDOW_MS = 5_000;

beforeEach(() => {
  lines.length = 0;
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation((line) => lines.push(JSON.parse(String(line))));
});

afterEach(() => {
  vi.advanceTimersByTime(WINDOW_MS); // the log is the process's
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const SECRET = "https://portal.example/onboard/SECRETCODE";
const report = (body: unknown) =>
  POST(new Request("http://portal.example/api/csp-report", { method: "POST", body: JSON.stringify(body) }));
const legacy = { "effective-directive": "script-src-elem", "blocked-uri": "inline", "document-uri": SECRET };
const modern = {
  type: "csp-violation",
  url: SECRET,
  body: { effectiveDirective: "img-src", blockedURL: SECRET, sample: "SECRETCODE", documentURL: SECRET },
};

test("a violation is one line with its directive and its kind, and no address and no text", async () => {
  expect((await report({ "csp-report": legacy })).status).toBe(204);
  expect((await report([modern, modern])).status).toBe(204);
  const image = { event: "web.csp_violation", directive: "img-src", blocked: "address" };
  expect(lines).toMatchObject([
    { event: "web.csp_violation", directive: "script-src-elem", blocked: "inline" },
    image,
    image,
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/SECRETCODE|portal\.example/);
});

test("what a sender makes up does not reach the log", async () => {
  const made = { "effective-directive": "SECRETCODE\n{}", "blocked-uri": "SECRETCODE" };
  expect((await report({ "csp-report": made })).status).toBe(204);
  expect(lines).toMatchObject([{ directive: "other", blocked: "other" }]);
  for (const body of [{}, "text", null, { "csp-report": undefined }])
    expect((await report(body)).status).toBe(400);
  expect(lines).toHaveLength(1);
});

test("a flood makes ten lines, then one that counts the rest", async () => {
  for (let sent = 0; sent < 50; sent += 1) await report(Array(10).fill(modern));
  expect(lines).toHaveLength(10);
  vi.advanceTimersByTime(WINDOW_MS);
  await report({ "csp-report": legacy });
  expect(lines.slice(10)).toMatchObject([
    { event: "web.csp_violation", directive: "img-src", suppressed: 489 },
    { event: "web.csp_violation", directive: "script-src-elem" },
  ]);
});

test("a body beyond 16 KB is not read to its end", async () => {
  expect((await report([{ ...modern, body: { sample: "x".repeat(16_000) } }])).status).toBe(413);
  expect(lines).toEqual([]);
});

test("a page's policy lets nothing run but what carries its nonce", () => {
  const policy = pagePolicy("abc=");
  expect(policy).toContain("script-src 'nonce-abc=' 'strict-dynamic';");
  expect(policy).toContain("default-src 'none';");
  expect(policy).not.toMatch(/unsafe|data:|\*/);
});
