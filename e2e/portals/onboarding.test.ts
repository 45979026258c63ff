import { expect } from "vitest";
import { test } from "../fixture.ts";
import { DESKTOP, PHONE, photograph } from "../support/browser.ts";
import { goToHomeowner } from "../support/people.ts";
import { readQr } from "../support/qr-reader.ts";
import { moveIn, redeem } from "../support/residents.ts";

test("a homeowner scans the code on the developer's screen and is at home, once", async ({
  newPage,
  page,
  portals,
}) => {
  await goToHomeowner(page, portals, { developmentName: "Cooper's Quay", name: "Callum Doyle" });
  const scanned = await readQr(page.getByRole("img", { name: /^QR code/ }).first());
  expect(scanned).toMatch(new RegExp(`^${portals.tenant.url}/onboard/[0-9A-Z]{20}$`));

  const phone = await newPage({ viewport: PHONE });
  await phone.goto(scanned);
  await phone.getByRole("heading", { name: /^Welcome, / }).waitFor();
  await photograph(phone, "onboarding-phone");
  // Looking burns nothing: a link preview has looked by now.
  await phone.reload();
  await phone.getByRole("button", { name: /open/i }).click();
  await phone.getByRole("heading", { name: /^Welcome home/ }).waitFor();
  await photograph(phone, "home-phone");
  await phone.setViewportSize(DESKTOP);
  await photograph(phone, "home-desktop");
  await phone.getByRole("button", { name: "Sign out" }).click();
  await phone.waitForURL(/sign-in/);

  const late = await newPage();
  await late.goto(scanned);
  await late
    .getByText(/used|scanned/i)
    .first()
    .waitFor();
  expect(await late.getByRole("button", { name: /open/i }).count()).toBe(0);
  await photograph(late, "onboarding-used");
});

test("of two who open the same home at once, one is in", async ({ newPage, portals }) => {
  const open = portals.seeded.onboarding.findLast(() => true);
  const url = `${portals.tenant.url}/onboard/${open?.code}`;
  const outcomes = await Promise.all(
    [1, 2].map(async () => {
      const page = await newPage();
      await page.goto(url);
      await page.getByRole("button", { name: /open/i }).click();
      const home = page.getByRole("heading", { name: /^Welcome home/ });
      const told = page.getByText(/used|scanned/i).first();
      await home.or(told).first().waitFor();
      return (await home.count()) > 0;
    }),
  );
  expect(outcomes.filter(Boolean)).toHaveLength(1);
});

test("a new code lets a homeowner in whose code was used", async ({ portals, page }) => {
  await goToHomeowner(page, portals, { developmentName: "Cooper's Quay", name: "Priya Nair" });
  await page.getByText("The code was scanned").waitFor();
  await page.getByRole("button", { name: /new code/i }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make another code" }).click();
  await page.getByText("New code made.").waitFor();
  await photograph(page, "development-new-code");
});

test("a withdrawn code opens nothing and says so", async ({ portals, page }) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  await goToHomeowner(page, portals, { developmentName: "Orchard Rise", name: resident?.name ?? "" });
  await page.getByRole("button", { name: `Withdraw the code of ${resident?.name}` }).click();
  await photograph(page, "code-withdraw");
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw it" }).click();
  await page.getByText("Code withdrawn.").waitFor();
  await page.locator(`[data-code="${resident?.code}"]`).waitFor({ state: "detached" });
  await page.goto(`${portals.tenant.url}/onboard/${resident?.code}`);
  await page.getByText("It was withdrawn").waitFor();
});

test("a new onboarding code is made without scripts too", async ({ newPage, page: signedIn, portals }) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  expect((await redeem(portals, resident?.code ?? "")).status).toBe(200);
  await goToHomeowner(signedIn, portals, { developmentName: "Orchard Rise", name: resident?.name ?? "" });
  const storageState = await signedIn.context().storageState();
  const page = await newPage({ javaScriptEnabled: false, storageState });
  await page.goto(signedIn.url());
  await page.getByRole("button", { name: `New code for ${resident?.name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make another code" }).click();
  await page.getByText("New code made.").waitFor();
});

test("an unknown code opens nothing and says so", async ({ portals, page }) => {
  await page.goto(`${portals.tenant.url}/onboard/00000000000000000000`);
  await page.getByText("Nobody was given this code").waitFor();
});
