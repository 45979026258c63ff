import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test as base } from "../fixture.ts";
import { PHONE, photograph } from "../support/browser.ts";
import { goToHomeowner } from "../support/people.ts";
import { end, startPortal } from "../support/portals.ts";
import { moveIn, redeem } from "../support/residents.ts";

/** A tenant portal that keeps its mails in a folder, and somebody whose code is used up. */
const test = base.extend("mailing", { scope: "worker" }, async ({ portals }, { onCleanup }) => {
  const folder = await mkdtemp(join(tmpdir(), "mails-"));
  const portal = await startPortal("tenant-portal", { DATABASE_URL: portals.appUrl, MAIL_DIR: folder });
  onCleanup(async () => {
    await end(portal);
    await rm(folder, { recursive: true });
  });
  const rows = await asSuperuser(portals.postgres.url, (client) =>
    client.query<{ email: string }>(
      "select email from homeowners h join onboarding_codes c on c.homeowner_id = h.id where c.used_at is not null and c.revoked_at is null order by email limit 1",
    ),
  );
  const email = rows.rows[0]?.email ?? "";
  const linksSent = async () => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
    const mails = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    return mails.map((mail) => /^http\S+$/m.exec(mail)?.[0] ?? "");
  };
  return { portal, email, linksSent };
});

async function askForLink(page: Page, email: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText("a link is on its way").waitFor();
}

test("a homeowner without a code comes back by a link in a mail, once, and is where they wanted to be", async ({
  mailing: { portal, email, linksSent },
  newPage,
}) => {
  const page = await newPage({ viewport: PHONE });
  await page.goto(`${portal.url}/search?q=recycling`);
  await page.waitForURL(/\/sign-in\?to=/);
  await photograph(page, "coming-back-phone");
  await askForLink(page, email);
  await waitFor(async () => (await linksSent()).length === 1, { what: "the mail" });
  const [link = ""] = await linksSent();
  expect(link.startsWith(`${portal.url}/sign-in/link/`)).toBe(true);

  await page.goto(link);
  // Looking burns nothing: a mail's scanner has looked by now.
  await page.reload();
  await page.getByRole("heading", { name: /^Welcome back, / }).waitFor();
  await photograph(page, "coming-back-link-phone");
  await page.getByRole("button", { name: "Open my home" }).click();
  await page.waitForURL(`${portal.url}/search?q=recycling`);

  const late = await newPage({ colorScheme: "dark" });
  await late.goto(link);
  await late.getByText("It was used already.").waitFor();
  expect(await late.getByRole("button", { name: "Open my home" }).count()).toBe(0);
  await photograph(late, "coming-back-used-dark");
});

test("without scripts too, and the other devices are told", async ({
  mailing: { portal, email, linksSent },
  newPage,
}) => {
  const sentBefore = (await linksSent()).length;
  const page = await newPage({ javaScriptEnabled: false });
  await page.goto(`${portal.url}/sign-in?to=//evil.example/`);
  await askForLink(page, email);
  await waitFor(async () => (await linksSent()).length > sentBefore, { what: "the mail" });
  await page.goto((await linksSent()).at(-1) ?? "");
  await page.getByRole("button", { name: "Open my home" }).click();
  await page.getByRole("heading", { name: /^Welcome home/ }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/");
  await page.getByText(/Your home was opened on (an)?other device/).waitFor();
});

test("an address that nobody has gets the same answer, and one that is none is told so", async ({
  mailing: { portal, linksSent },
  newPage,
}) => {
  const sentBefore = (await linksSent()).length;
  const page = await newPage();
  await page.goto(`${portal.url}/sign-in`);
  await askForLink(page, "nobody@example.com");
  await page.getByLabel("E-mail address").fill("a@b,c@d");
  await page.locator("form", { hasText: "Send me a link" }).evaluate((form: HTMLFormElement) => {
    form.noValidate = true;
  });
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText("Please enter an e-mail address").waitFor();
  expect((await linksSent()).length).toBe(sentBefore);
});

test("an archived home is come back to as before; once it is closed its links say what helps, and none is sent", async ({
  mailing: { portal, linksSent },
  newPage,
  portals,
}) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  if (resident === undefined) throw new Error("somebody has moved in");
  await redeem(portals, resident.code);
  const email = `${resident.homeownerId}@example.com`;
  const staff = await newPage();
  await goToHomeowner(staff, portals, { developmentName: "Orchard Rise", name: resident.name });
  await staff.getByRole("link", { name: `${resident.name}'s flat` }).click();
  const archive = async (closes: boolean) => {
    if (closes) await staff.getByLabel("Close it for homeowners too").check();
    await staff.getByRole("button", { name: "Archive" }).click();
    await staff.getByText("In the archive").waitFor();
  };
  const page = await newPage({ viewport: PHONE });
  const mailedLink = async () => {
    const before = (await linksSent()).length;
    await page.goto(`${portal.url}/sign-in`);
    await askForLink(page, email);
    await waitFor(async () => (await linksSent()).length > before, { what: "the mail" });
    return (await linksSent()).at(-1) ?? "";
  };

  await archive(false);
  await page.goto(await mailedLink());
  await page.getByRole("button", { name: "Open my home" }).click();
  await page.getByRole("heading", { name: /^Welcome home/ }).waitFor();
  await page.context().clearCookies();

  const unused = await mailedLink();
  await staff.getByRole("button", { name: "Bring it back" }).click();
  await archive(true);
  await page.goto(unused);
  await page.getByText("Your developer has closed the way in by e-mail for this home.").waitFor();
  await photograph(page, "coming-back-closed-phone");
  await page.getByRole("link", { name: "Type a code" }).click();
  await page.getByLabel("Code", { exact: true }).waitFor();
  const sentBefore = (await linksSent()).length;
  const refused = () => portal.output().match(/"event":"code.link_refused"/g)?.length ?? 0;
  const refusedBefore = refused();
  await askForLink(page, email);
  await waitFor(async () => refused() > refusedBefore, { what: "the request to be seen to" });
  expect((await linksSent()).length).toBe(sentBefore);
});
