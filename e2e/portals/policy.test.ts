import { expect } from "vitest";
import { test } from "../fixture.ts";
import { newVisitor, policyViolations } from "../support/browser.ts";

/** What somebody would put into a page who had found a way to. Each says on the window that it has run. */
const INJECTED = [
  '<img src="/nothing" onerror="window.ran = 1">',
  "<script>window.ran = 2</script>",
  '<script nonce="AAAAAAAAAAAAAAAAAAAAAA==">window.ran = 3</script>',
  '<a id="pressed" href="javascript:window.ran = 4">press</a>',
  '<base href="https://evil.example/">',
  '<iframe srcdoc="<script>parent.ran = 5</script>"></iframe>',
];

test.for(["developer", "tenant"] as const)(
  "what is injected into a page of the %s portal does not run, and the page works",
  async (name, { browser, portals }) => {
    const { url } = portals[name];
    const visitor = await newVisitor(browser);
    try {
      const violations: string[] = [];
      policyViolations(visitor, violations);
      const page = await visitor.newPage();
      await page.route(`${url}/sign-in`, async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace("<body>", `<body>${INJECTED.join("")}`);
        await route.fulfill({ response, body });
      });
      await page.goto(`${url}/sign-in`);
      // Of the portal's own: where its scripts do not run, this is not told in place.
      await page.getByRole("button").last().click();
      await page.locator("#pressed").click();
      await expect.poll(() => violations.length).toBeGreaterThanOrEqual(INJECTED.length - 1);
      expect(await page.evaluate(() => Reflect.get(window, "ran"))).toBeUndefined();
      expect(await page.evaluate(() => document.baseURI)).toContain(url);
    } finally {
      await visitor.close();
    }
  },
);

test.for(["developer", "tenant"] as const)(
  "each page of the %s portal has a policy of its own, also where there is no page",
  async (name, { portals }) => {
    const { url } = portals[name];
    const nonces = new Set<string>();
    for (const path of ["/sign-in", "/sign-in", "/no/such/page"]) {
      const response = await fetch(url + path);
      const html = await response.text();
      const policy = response.headers.get("content-security-policy") ?? "";
      const nonce = /script-src 'nonce-([^']+)' 'strict-dynamic';/.exec(policy)?.[1] ?? "";
      nonces.add(nonce);
      for (const script of html.match(/<script[^>]*>/g) ?? [])
        expect(script, path).toContain(`nonce="${nonce}"`);
    }
    expect(nonces.size).toBe(3);
    for (const path of ["/icon.svg", "/api/health/live"]) {
      const { headers } = await fetch(url + path);
      expect(headers.get("content-security-policy"), path).toMatch(/^default-src 'none'/);
    }
  },
);
