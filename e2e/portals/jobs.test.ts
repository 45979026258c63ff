import { Buffer } from "node:buffer";
import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { askChat } from "../support/chat-client.ts";
import { conversationOf } from "../support/conversations.ts";
import { asHomeowner, SAMIR } from "../support/homeowners.ts";
import { companies, signIn } from "../support/people.ts";

const TITLE = "Composting in the courtyard";
const BODY =
  "# Composting\n\nThe wormery by the courtyard takes vegetable peelings, on odd Thursdays only.\n";
const QUESTION = "Hello, could you tell me when the wormery takes vegetable peelings?";
const THREAD_TITLE = "Wormery takes vegetable peelings";
/** Bounds what hangs; what is slow, on two shared cores, is still waited for. */
const PATIENCE = { timeoutMs: 30_000 };

test("what staff upload is found by a homeowner, and answers a question whose thread gets a title", async ({
  portals,
  page,
}) => {
  const { developer, tenant, postgres } = portals;
  const before = portals.jobs.getStats();
  await signIn(page, portals, companies(portals)[0]);
  await page.goto(`${developer.url}/documents`);
  await page.getByLabel("Development").selectOption({ label: "Cooper's Quay" });
  await page.getByLabel("Title").fill(TITLE);
  const buffer = Buffer.from(BODY);
  await page.getByLabel("File").setInputFiles({ name: "compost.md", mimeType: "text/markdown", buffer });
  await page.getByRole("button", { name: "Upload" }).click();
  await page.getByText("is uploaded").waitFor();
  // By itself: the page looks again.
  const listed = page.getByRole("row", { name: TITLE });
  await listed.waitFor();
  await listed.getByText("Indexing…").waitFor({ state: "detached", timeout: PATIENCE.timeoutMs });
  await photograph(page, "documents-indexed");

  const { cookie } = await asHomeowner(postgres.url, SAMIR);
  const found = await fetch(`${tenant.url}/api/rag?q=wormery`, { headers: { cookie } });
  expect(await found.text()).toContain(TITLE);
  const answer = await askChat(tenant.url, cookie, { text: QUESTION });
  await answer.end();
  expect(answer.text()).toContain("Thursdays");
  const title = async () => (await conversationOf(postgres.url, answer.threadId))[0]?.title;
  await waitFor(async () => (await title()) === THREAD_TITLE, {
    ...PATIENCE,
    what: "the thread's title",
  });

  const after = portals.jobs.getStats();
  expect(after.failed).toBe(before.failed);
  expect(after.polls).toBeGreaterThan(before.polls);
});

test("who is no executor is not served", async ({ portals }) => {
  const url = `${portals.tenant.url}/api/inngest`;
  const signed = { "x-inngest-signature": `t=${Math.round(Date.now() / 1000)}&s=${"0".repeat(64)}` };
  for (const method of ["GET", "POST", "PUT"]) {
    const body = method === "GET" ? null : "{}";
    for (const headers of [{}, signed])
      expect((await fetch(url, { method, headers, body })).status, method).toBe(401);
  }
});
