import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test as base } from "../fixture.ts";
import { photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";
import { end, startPortal } from "../support/portals.ts";
import { moveIn } from "../support/residents.ts";

/** A portal of staff that keeps its mails in a folder. */
const test = base.extend("mailing", { scope: "worker" }, async ({ portals }, { onCleanup }) => {
  const folder = await mkdtemp(join(tmpdir(), "codes-"));
  const settings = {
    DATABASE_URL: portals.appUrl,
    TENANT_PORTAL_URL: portals.tenant.url,
    MAIL_DIR: folder,
  };
  const portal = await startPortal("developer-portal", settings);
  onCleanup(async () => {
    await end(portal);
    await rm(folder, { recursive: true });
  });
  const mails = async () => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
    return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  };
  return { portal, mails, portals: { ...portals, developer: portal } };
});

const WIDTHS = [1440, 768, 375];

async function look(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await photograph(page, `${name}-${width}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
}

test("all codes of a development are sent with one press, and the link of a mail opens the home", async ({
  mailing: { portals, mails },
  newPage,
  page,
}) => {
  const residents = await moveIn(portals, "Orchard Rise", 30);
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: "Orchard Rise" }).click();
  await page.getByRole("link", { name: "E-mail the codes" }).click();
  await page.getByRole("heading", { level: 1, name: "E-mail the codes" }).waitFor();
  await look(page, "code-mails-preview");
  const button = page.getByRole("button", { name: /^Send \d+ codes$/ });
  const count = Number(/\d+/.exec((await button.textContent()) ?? "")?.[0]);
  expect(count).toBeGreaterThanOrEqual(30);
  // A second press while the first is under way.
  await button.dblclick();
  await page.getByText(`${count} mails sent, 0 failed.`).waitFor();
  await page.getByText("There is nobody left to send a code.").waitFor();
  await look(page, "code-mails-sent");
  const sent = await mails();
  const recipients = sent.map((mail) => /^To: (.*)$/m.exec(mail)?.[1] ?? "");
  expect(new Set(recipients).size).toBe(count);
  expect(sent).toHaveLength(count);
  for (const { code } of residents) {
    expect(sent.filter((mail) => mail.includes(`${portals.tenant.url}/onboard/${code}`))).toHaveLength(1);
    expect(portals.developer.output()).not.toContain(code);
  }
  expect(portals.developer.output().match(/"event":"code.mailed"/g)).toHaveLength(count);

  const link = /^http\S+$/m.exec(sent[0] ?? "")?.[0] ?? "";
  const homeowner = await newPage({ javaScriptEnabled: false });
  await homeowner.goto(link);
  await homeowner.getByRole("button").last().click();
  await homeowner.getByRole("heading", { name: /^Welcome home/ }).waitFor();
});
