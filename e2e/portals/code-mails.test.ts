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

test("a row's code is sent without scripts, its page says so, and a form that was sent already sends nothing", async ({
  mailing: { portals, mails },
  newPage,
  page: signedIn,
}) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  if (resident === undefined) throw new Error("somebody has moved in");
  await signIn(signedIn, portals, companies(portals)[0]);
  const storageState = await signedIn.context().storageState();
  const page = await newPage({ javaScriptEnabled: false, storageState });
  await page.goto(portals.developer.url);
  await page.getByRole("link", { name: "Orchard Rise" }).click();
  await page.goto(`${page.url()}?q=${encodeURIComponent(resident.name)}`);
  const list = await page.context().newPage();
  await list.goto(page.url());
  const before = (await mails()).length;
  const send = (each: Page) => each.getByRole("button", { name: `E-mail the code of ${resident.name}` });
  await send(page).click();
  await page.getByText("Sent by e-mail").waitFor();
  await page.getByRole("heading", { level: 1, name: resident.name }).waitFor();
  expect(await mails()).toHaveLength(before + 1);
  // From a page that knows nothing of it yet.
  await send(list).click();
  await list.getByRole("heading", { level: 1, name: resident.name }).waitFor();
  expect(await mails()).toHaveLength(before + 1);

  const again = await signedIn.context().newPage();
  await again.goto(page.url().split("?")[0] ?? "");
  await again.getByRole("button", { name: /by e-mail again$/ }).click();
  await photograph(again, "code-mail-again");
  await again.getByRole("button", { name: "Send it" }).click();
  await again.getByText("The code was sent.").waitFor();
  await expect.poll(mails, { timeout: 10_000 }).toHaveLength(before + 2);
  await again.goto(`${portals.developer.url}/activity?q=sent+by+e-mail`);
  await again.getByText("Code sent by e-mail").first().waitFor();
  await again.getByLabel("What, who, or to what").fill("nothing that anybody did");
  await again.getByRole("button", { name: "Search" }).click();
  await again.getByText("Nothing is like that").waitFor();
});

test("who may only look is let send nothing, and a portal without a mail server says so", async ({
  mailing: { portals },
  newPage,
  page,
  portals: { developer },
}) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: "Cooper's Quay" }).click();
  await page.getByRole("heading", { level: 1, name: "Cooper's Quay" }).waitFor();
  const path = new URL(page.url()).pathname;
  await page.goto(`${developer.url}${path}/codes/mail`);
  await page.getByText("This portal sends no mail").waitFor();
  expect(await page.getByRole("button", { name: /^Send/ }).count()).toBe(0);
  const viewer = await newPage();
  await signIn(viewer, portals, companies(portals)[0], "viewer");
  expect((await viewer.goto(`${portals.developer.url}${path}/codes/mail`))?.status()).toBe(403);
});

test("the sheet that is printed is the company's: a card for each home, or a page for each", async ({
  page,
  portals,
}) => {
  await moveIn(portals, "Saltmarsh Lane", 3);
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: "Saltmarsh Lane" }).click();
  await page.getByRole("heading", { level: 1, name: "Saltmarsh Lane" }).waitFor();
  await page.goto(`${page.url()}/codes?page=1`);
  const codes = await page.locator("li[data-sheet]").count();
  const pages = async () => {
    const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
    return pdf.match(/\/Type\s*\/Page\b/g)?.length;
  };
  await look(page, "codes-sheet");
  const card = page.locator("li[data-sheet]").first();
  for (const text of [
    companies(portals)[0],
    "Saltmarsh Lane, ",
    `${new URL(portals.tenant.url).host}/sign-in`,
  ])
    expect(await card.textContent()).toContain(text);
  expect(await pages()).toBe(Math.ceil(codes / 4));
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 720, height: 1_018 });
  await photograph(page, "codes-sheet-print");
  await page.emulateMedia({ media: null });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: "A page for each" }).click();
  await page.getByRole("link", { name: "Cards, several on a page" }).waitFor();
  expect(await pages()).toBe(codes);
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 720, height: 1_018 });
  await photograph(page, "codes-letters-print");
});
