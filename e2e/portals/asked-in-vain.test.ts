import { expect } from "vitest";
import { test } from "../fixture.ts";
import { DESKTOP, PHONE, photograph } from "../support/browser.ts";
import { ask, said, untilAnswered } from "../support/chat-page.ts";
import { companies, signIn } from "../support/people.ts";

const QUESTION = "Is there a heliport?";

test("what homeowners ask and do not find is shown to their company's staff, without their names", async ({
  newPage,
  portals,
  samir,
}) => {
  await samir.goto(`${portals.tenant.url}/search?q=trampoline`);
  await samir.getByText("Nothing found for “trampoline”").waitFor();
  await samir.reload();
  await samir.goto(`${portals.tenant.url}/search?q=visitor+parking`);
  await samir.goto(`${portals.tenant.url}/chat`);
  await ask(samir, QUESTION);
  await untilAnswered(samir);
  expect(await said(samir).first().textContent()).toContain("I found nothing about that");
  await ask(samir, "When are the bins collected?");
  await said(samir).filter({ hasText: "Wednesday" }).waitFor();

  const [own, other] = companies(portals);
  const page = await newPage();
  await signIn(page, portals, own, "viewer");
  await page.getByRole("link", { name: "Questions" }).click();
  await page.getByRole("heading", { level: 2, name: "Cooper's Quay" }).waitFor();
  // Noted behind the answer that Samir has.
  const row = (name: string) => page.getByRole("row", { name });
  await expect
    .poll(async () => {
      await page.reload();
      return row("trampoline").count();
    })
    .toBe(1);
  expect(await row("trampoline").textContent()).toMatch(/Search.*1.*1 homeowner/);
  expect(await row(QUESTION).textContent()).toMatch(/Chat.*1.*1 homeowner/);
  for (const unwanted of ["visitor parking", "bins", "Samir"])
    expect(await page.locator("main").getByText(unwanted).count()).toBe(0);
  for (const viewport of [DESKTOP, PHONE]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: viewport === PHONE ? "dark" : "light" });
    await photograph(page, `staff-questions-${viewport.width}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
  }

  const elsewhere = await newPage();
  await signIn(elsewhere, portals, other);
  await elsewhere.goto(page.url());
  await elsewhere.getByRole("heading", { level: 1, name: "Questions" }).waitFor();
  expect(await elsewhere.getByText(QUESTION).count()).toBe(0);
});
