import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { waitFor } from "@openhouse/pool/testing";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Stage } from "../portals.test.ts";
import { asVisitor, photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";
import type { Portals } from "../support/portals.ts";

const TITLE = "Composting in the courtyard";
const BODY =
  "# Composting\n\nThe wormery by the courtyard takes vegetable peelings, on odd Thursdays only.\n";
const QUESTION = "Hello, could you tell me when the wormery takes vegetable peelings?";
const THREAD_TITLE = "Wormery takes vegetable peelings";

/** Moves in with the first code of the company that is still good. */
async function moveIn(page: Page, { seeded, tenant }: Portals, company: string): Promise<void> {
  for (const { code } of seeded.onboarding.filter(({ tenantName }) => tenantName === company)) {
    await page.goto(`${tenant.url}/onboard/${code}`);
    const open = page.getByRole("button", { name: /open/i });
    if ((await open.count()) === 0) continue;
    await open.click();
    await page.getByRole("heading", { name: /^Welcome home/ }).waitFor();
    return;
  }
  throw new Error(`every code of ${company} is used`);
}

/** What the page's own scripts would get, cookie and origin included. */
function ask(page: Page, path: string, body?: object): Promise<{ status: number; text: string }> {
  return page.evaluate(
    async ([url, json]) => {
      const post = { method: "POST", headers: { "content-type": "application/json" }, body: json ?? null };
      const response = await fetch(url ?? "", json === undefined ? {} : post);
      return { status: response.status, text: await response.text() };
    },
    [path, body === undefined ? undefined : JSON.stringify(body)] as const,
  );
}

export function jobs(onStage: () => Stage): void {
  describe("jobs", () => {
    test("what staff upload is found by a homeowner, and answers a question whose thread gets a title", async () => {
      const { browser, portals } = onStage();
      const [company] = companies(portals);
      const before = portals.jobs.getStats();
      await asVisitor(browser, async (page) => {
        await signIn(page, portals, company);
        await page.goto(`${portals.developer.url}/documents`);
        for (const option of await page.getByLabel("Development").locator("option:not([disabled])").all()) {
          await page.getByLabel("Development").selectOption(await option.getAttribute("value"));
          await page.getByLabel("Title").fill(TITLE);
          const buffer = Buffer.from(BODY);
          await page
            .getByLabel("File")
            .setInputFiles({ name: "compost.md", mimeType: "text/markdown", buffer });
          await page.getByRole("button", { name: "Upload" }).click();
          await page.getByText("is uploaded").waitFor();
          await page.reload();
        }
        // By itself: the page looks again.
        await page.getByText("Indexing…").first().waitFor({ state: "detached" });
        await photograph(page, "documents-indexed");
      });
      await asVisitor(browser, async (page) => {
        await moveIn(page, portals, company);
        await waitFor(async () => (await ask(page, "/api/rag?q=wormery")).text.includes(TITLE), {
          what: "the document to be found",
        });
        const threadId = randomUUID();
        const said = await ask(page, "/api/chat", { id: threadId, message: { id: "one", text: QUESTION } });
        expect(said.status).toBe(200);
        expect(said.text).toContain(TITLE);
        await waitFor(
          async () => {
            await page.goto(`${portals.tenant.url}/chat`);
            return (await page.getByText(THREAD_TITLE).count()) > 0;
          },
          { timeoutMs: 30_000, what: "the thread's title" },
        );
        await photograph(page, "chat-titled");
      });
      const after = portals.jobs.getStats();
      expect(after.failed).toBe(before.failed);
      expect(after.polls).toBeGreaterThan(before.polls);
      expect(after.pollsFailed).toBe(before.pollsFailed);
    });

    test("who is no executor is not served", async () => {
      const { portals } = onStage();
      const url = `${portals.tenant.url}/api/inngest`;
      const signed = { "x-inngest-signature": `t=${Math.round(Date.now() / 1000)}&s=${"0".repeat(64)}` };
      for (const method of ["GET", "POST", "PUT"]) {
        const body = method === "GET" ? null : "{}";
        for (const headers of [{}, signed])
          expect((await fetch(url, { method, headers, body })).status, method).toBe(401);
      }
    });
  });
}
