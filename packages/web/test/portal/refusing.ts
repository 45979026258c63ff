import { request } from "node:http";
import { waitFor } from "@openhouse/pool-testing";
import { beforeAll, expect, test } from "vitest";
import { REFUSALS, type RefusalCode } from "../../src/refused-request.ts";
import { submitForm } from "../support/form.ts";
import type { RunningPortal } from "../support/portal.ts";
import { type Context, get } from "./context.ts";

/** What strangers send, while the database is up. */
export function refusing(context: () => Context): void {
  let portal: RunningPortal;

  beforeAll(() => {
    portal = context().portal;
  });

  const events = (event: string) => portal.log().filter((line) => line.event === event);

  /** The page that refuses it, with the headers of every answer, and one line of the log. */
  async function isRefused(code: RefusalCode, send: () => Promise<Response>): Promise<void> {
    const before = events("web.request_refused").length;
    const outputBefore = portal.output().length;
    const response = await send();
    const { status, title } = REFUSALS[code];
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(title);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    await waitFor(() => events("web.request_refused").length > before, { what: "the line" });
    expect(events("web.request_refused").slice(before)).toMatchObject([{ reason: code }]);
    expect(portal.output().slice(outputBefore)).not.toMatch(/^ +at /m);
  }

  test.each([
    ["from another site", { origin: "https://evil.example" }],
    ["from this host, but over TLS", { origin: "https" }],
    ["from a sandboxed document", { origin: "null" }],
    ["from nowhere", { origin: "" }],
  ])("a form %s is refused before its action runs", async (_where, { origin }) => {
    const sent = origin === "https" ? portal.url.replace("http:", "https:") : origin;
    await isRefused("cross_origin", () => submitForm(`${portal.url}/form`, {}, { origin: sent }));
  });

  test("an address that cannot be read is refused, and so is TRACE", async () => {
    await isRefused("address", () => fetch(`${portal.url}/documents/%F0%28`));
    await isRefused("method", () => trace(`${portal.url}/documents`));
  });

  test("the page that Next made at the build, whose scripts have no nonce, is nobody's to ask for", async () => {
    await isRefused("no_page", () => fetch(`${portal.url}/_global-error`));
  });

  test("a page that fails has no script and no style without its nonce", async () => {
    const { status, headers, body } = await get(portal, "/documents?broken=1");
    expect(status).toBe(500);
    const policy = headers.get("content-security-policy") ?? "";
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? "none";
    for (const tag of body.match(/<(script|style)[^>]*>/g) ?? []) expect(tag).toContain(`nonce="${nonce}"`);
  });

  test("a body that is no form is told as its sender's fault", async () => {
    const [refusedBefore, unexpectedBefore] = [
      events("web.action_refused").length,
      events("web.unexpected_error").length,
    ];
    const headers = { origin: portal.url, "content-type": "multipart/form-data; boundary=a" };
    await get(portal, "/form", { method: "POST", body: "hunter2", headers });
    await waitFor(() => events("web.action_refused").length > refusedBefore, { what: "the line" });
    expect(events("web.action_refused").at(-1)).toMatchObject({ reasons: ["form: unreadable"] });
    expect(events("web.unexpected_error")).toHaveLength(unexpectedBefore);
  });

  test.each(["a form", "a page's call"])(
    "%s that does not say where its fields end is refused unread",
    async (what) => {
      const headers = {
        origin: portal.url,
        "content-type": "multipart/form-data",
        ...(what !== "a form" && { "next-action": "00" }),
      };
      await isRefused("form", () =>
        fetch(`${portal.url}/form`, { method: "POST", body: "hunter2", headers }),
      );
    },
  );

  test("a form that is too long is refused unread", async () => {
    const body = new Blob(["x".repeat(4_000_000)]);
    const headers = { origin: portal.url, "content-type": "multipart/form-data; boundary=a" };
    await isRefused("too_large", () => fetch(`${portal.url}/form`, { method: "POST", body, headers }));
  });

  test.each([
    ["no form", '["a","hunter2"]'],
    ["lists", '[["a"],[["hunter2"]]]'],
    ["nothing", "[]"],
  ])(
    "an action called with %s answers 400 and logs one line, with no stack and no value",
    async (_what, body) => {
      const [html, before, outputBefore] = [
        (await get(portal, "/form")).body,
        events("web.action_refused").length,
        portal.output().length,
      ];
      const action = /&quot;id&quot;:&quot;([0-9a-f]+)&quot;/.exec(html)?.[1] ?? "";
      const headers = {
        origin: portal.url,
        "next-action": action,
        "content-type": "text/plain;charset=UTF-8",
      };
      const answer = await get(portal, "/form", { method: "POST", body, headers });
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining("could not be read")]);
      expect(events("web.action_refused").slice(before)).toMatchObject([{ route: "/form: save" }]);
      expect(portal.output().slice(outputBefore)).not.toMatch(/^ +at |hunter2/m);
    },
  );

  test("each page has a policy of its own, whose nonce all of its scripts carry", async () => {
    const nonces = new Set<string>();
    for (const path of ["/form", "/form", "/documents", "/nothing-here"]) {
      const { headers, body } = await get(portal, path);
      const policy = headers.get("content-security-policy") ?? "";
      const nonce = /script-src 'nonce-([^']+)' 'strict-dynamic';/.exec(policy)?.[1] ?? "";
      nonces.add(nonce);
      const scripts = body.match(/<script[^>]*>/g) ?? [];
      expect(scripts.length, path).toBeGreaterThan(0);
      for (const script of scripts) expect(script, path).toContain(`nonce="${nonce}"`);
    }
    expect(nonces.size).toBe(4);
  });

  test("what is no page has one policy for all, under which nothing runs", async () => {
    const [, asset = ""] = /src="(\/_next\/static\/[^"]+)"/.exec((await get(portal, "/form")).body) ?? [];
    for (const path of ["/api/health/live", "/api/nothing-here", asset]) {
      const policy = (await get(portal, path)).headers.get("content-security-policy");
      expect(policy, path).toMatch(/^default-src 'none'; base-uri 'none'/);
    }
  });

  test("no picture is made smaller for anybody", async () => {
    expect((await get(portal, "/_next/image")).status).toBe(404);
  });

  test("a browser's report of what a policy has stopped is logged", async () => {
    const body = JSON.stringify({
      "csp-report": { "effective-directive": "img-src", "blocked-uri": "data" },
    });
    expect((await get(portal, "/api/csp-report", { method: "POST", body })).status).toBe(204);
    expect(events("web.csp_violation").at(-1)).toMatchObject({ directive: "img-src", blocked: "data" });
  });
}

/** `fetch` has no TRACE. */
function trace(url: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "TRACE" }, async (incoming) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
      const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode ?? 0, headers }));
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}
