import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { appCode } from "../support/authenticator.ts";
import { DESKTOP, PHONE, photograph } from "../support/browser.ts";
import { companies, goToHomeowner, signIn, staffOf } from "../support/people.ts";
import type { Portals } from "../support/portals.ts";
import { readQr } from "../support/qr-reader.ts";
import { moveIn } from "../support/residents.ts";

/** Keeps pictures of a page in both colour schemes and widths, and holds it to fit. */
async function look(page: Page, name: string): Promise<void> {
  for (const [width, viewport] of [
    ["desktop", DESKTOP],
    ["phone", PHONE],
  ] as const) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await photograph(page, `${name}-${width}-${colorScheme}`);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect({ name, width, overflow: Math.max(0, overflow) }).toEqual({ name, width, overflow: 0 });
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: null });
}

/** Opens a home with its code, as the homeowner's browser does. */
async function openHome(page: Page, { tenant }: Portals, code: string): Promise<void> {
  await page.goto(`${tenant.url}/onboard/${code}`);
  await page.getByRole("button", { name: "Open my home" }).click();
  await page.getByRole("heading", { name: /^Welcome home/ }).waitFor();
}

const isSignedIn = async (page: Page, url: string) => {
  await page.goto(url);
  return !page.url().includes("/sign-in");
};

test("staff see where they are signed in, and sign out elsewhere", async ({ newPage, page, portals }) => {
  const { url } = portals.developer;
  const tenantName = companies(portals)[1];
  await signIn(page, portals, tenantName);
  const other = await newPage({ userAgent: "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0" });
  await signIn(other, portals, tenantName);
  await page
    .getByRole("link", { name: /your devices/i })
    .first()
    .click();
  await page.getByRole("heading", { level: 1, name: "Your devices" }).waitFor();
  await look(page, "devices-staff");
  const there = page.getByRole("listitem").filter({ hasText: "Firefox on Windows" }).first();
  await there.getByRole("button", { name: /^Sign out Firefox on Windows/ }).click();
  await page.getByText("1 device signed out.").waitFor();
  expect(await isSignedIn(other, url)).toBe(false);
  expect(await isSignedIn(page, `${url}/devices`)).toBe(true);
});

test("signing out everywhere else works without scripts", async ({ newPage, page, portals }) => {
  const tenantName = companies(portals)[1];
  await signIn(page, portals, tenantName);
  const storageState = await page.context().storageState();
  const still = await newPage({ javaScriptEnabled: false, storageState });
  await signIn(await newPage(), portals, tenantName);
  await still.goto(`${portals.developer.url}/devices`);
  await still.getByRole("button", { name: /^Sign out (the other device|all)/ }).click();
  await still.getByText("signed out.").waitFor();
  await still.getByText("You are signed in nowhere else.").waitFor();
});

test("a code for an open home is asked for twice, its homeowner is told, and ends what came of it", async ({
  newPage,
  page,
  portals,
}) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  const { name = "", code = "" } = resident ?? {};
  const own = await newPage();
  await openHome(own, portals, code);
  expect(await own.getByText("opened on another device").count()).toBe(0);

  await goToHomeowner(page, portals, { developmentName: "Orchard Rise", name });
  const card = page.locator("main");
  await card.getByText(/^Signed in on 1 device/).waitFor();
  await card.getByRole("button", { name: `New code for ${name}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("reads the conversations").waitFor();
  await look(page, "code-for-open-home");
  await dialog.getByRole("button", { name: "Make another code" }).click();
  await page.getByText("New code made.").waitFor();
  expect(portals.developer.output()).toContain("code.issued_for_open_home");
  const second = await card.locator("[data-code]").getAttribute("data-code");

  const stranger = await newPage({
    userAgent: "Mozilla/5.0 (Linux; Android 15) Chrome/141.0 Mobile Safari/537.36",
  });
  await openHome(stranger, portals, second ?? "");
  await own.goto(portals.tenant.url);
  await own.getByText("Your home was opened on another device").waitFor();
  await own.getByText(/^Chrome on Android, /).waitFor();
  await look(own, "new-device");
  await own.getByRole("button", { name: "I know about it" }).click();
  await own.getByText("opened on another device").waitFor({ state: "detached" });
  await own.reload();
  await own.getByRole("heading", { name: /^Welcome home/ }).waitFor();
  expect(await own.getByText("opened on another device").count()).toBe(0);

  await own.goto(`${portals.tenant.url}/devices`);
  await look(own, "devices-homeowner");
  await own.getByRole("button", { name: /^Sign out Chrome on Android/ }).click();
  await own.getByText("1 device signed out.").waitFor();
  expect(await isSignedIn(stranger, portals.tenant.url)).toBe(false);
  expect(await isSignedIn(own, portals.tenant.url)).toBe(true);
});

test("withdrawing a code signs out who came in before, also without scripts", async ({
  newPage,
  page,
  portals,
}) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  const { name = "", code = "" } = resident ?? {};
  const stranger = await newPage();
  await openHome(stranger, portals, code);
  await goToHomeowner(page, portals, { developmentName: "Orchard Rise", name });
  const still = await newPage({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  await still.goto(page.url());
  const card = still.locator("main");
  await card.getByRole("button", { name: `New code for ${name}` }).click();
  await still.getByRole("dialog").getByRole("button", { name: "Make another code" }).click();
  await still.getByText("New code made.").waitFor();
  expect(await isSignedIn(stranger, portals.tenant.url)).toBe(true);
  await card.getByRole("button", { name: `Withdraw the code of ${name}` }).click();
  await photograph(still, "code-withdraw-signed-in");
  await still.getByRole("dialog").getByRole("button", { name: "Withdraw it" }).click();
  await still.getByText("Code withdrawn. 1 device signed out.").waitFor();
  expect(await isSignedIn(stranger, portals.tenant.url)).toBe(false);
});

test("staff sign a homeowner out without a code", async ({ newPage, page, portals }) => {
  const [resident] = await moveIn(portals, "Orchard Rise", 1);
  const { name = "", code = "" } = resident ?? {};
  const home = await newPage();
  await openHome(home, portals, code);
  await goToHomeowner(page, portals, { developmentName: "Orchard Rise", name });
  await page.getByRole("button", { name: `Sign ${name} out everywhere` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign them out" }).click();
  await page.getByText("1 device signed out.").waitFor();
  expect(await isSignedIn(home, portals.tenant.url)).toBe(false);
});

test("signing out clears what the browser keeps", async ({ page, portals }) => {
  await signIn(page, portals, companies(portals)[0]);
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.getByRole("button", { name: "Sign out" }).click();
  expect(await (await answer).headerValue("clear-site-data")).toBe('"cache", "storage"');
  await page.waitForURL(/sign-in/);
});

const code = (page: Page) => page.getByLabel("Code", { exact: true });

/** Turns two-step sign-in on for whoever is signed in on that page; answers the secret and the recovery codes. */
async function turnOn(page: Page, password: string): Promise<{ secret: string; codes: string[] }> {
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Set up" }).click();
  const secret = (await page.locator("[data-secret]").getAttribute("data-secret")) ?? "";
  await code(page).fill(appCode(secret));
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByText("Two-step sign-in is on.").waitFor();
  const list = page.getByRole("list", { name: "Recovery codes" });
  return { secret, codes: await list.getByRole("listitem").allTextContents() };
}

async function turnOff(page: Page, recoveryCode: string): Promise<void> {
  const form = page.locator("form").filter({ has: page.getByRole("button", { name: "Turn off" }) });
  await form.getByLabel("Code", { exact: true }).fill(recoveryCode);
  await form.getByRole("button", { name: "Turn off" }).click();
  await page.getByText("Two-step sign-in is off.").waitFor();
}

test("staff set two-step sign-in up with their password, and are shown recovery codes once", async ({
  page,
  portals,
}) => {
  const tenantName = companies(portals)[1];
  const { password } = staffOf(portals, tenantName, "viewer");
  await signIn(page, portals, tenantName, "viewer");
  await page.goto(`${portals.developer.url}/two-step`);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByText("The password is not right.").waitFor();
  await look(page, "two-step-off");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Set up" }).click();
  const picture = page.getByRole("img", { name: /^QR code/ });
  await picture.waitFor();
  const secret = await page.locator("[data-secret]").getAttribute("data-secret");
  expect(new URL(await readQr(picture)).searchParams.get("secret")).toBe(secret);
  await look(page, "two-step-pending");
  await code(page).fill(appCode(secret ?? ""));
  await page.getByRole("button", { name: "Turn on" }).click();
  const shown = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await shown.first().waitFor();
  const codes = await shown.allTextContents();
  expect(codes).toHaveLength(10);
  await look(page, "two-step-on");
  await page.reload();
  await page.getByText("10 left").waitFor();
  expect(await shown.count()).toBe(0);
  await turnOff(page, codes[0] ?? "");
});

test.for([true, false])(
  "staff sign in with a code of their phone (scripts: %s)",
  async (scripts, { newPage, portals }) => {
    const tenantName = companies(portals)[1];
    const { email, password } = staffOf(portals, tenantName, "viewer");
    const { url } = portals.developer;
    const signedIn = await newPage();
    await signIn(signedIn, portals, tenantName, "viewer");
    const storageState = await signedIn.context().storageState();
    const page = await newPage({ javaScriptEnabled: scripts, storageState });
    await page.goto(`${url}/two-step`);
    const { secret, codes } = await turnOn(page, password);

    const showPassword = async () => {
      const visitor = await newPage({ javaScriptEnabled: scripts });
      await visitor.goto(`${url}/sign-in`);
      await visitor.getByLabel("Email").fill(email);
      await visitor.getByLabel("Password").fill(password);
      await visitor.getByRole("button", { name: "Sign in" }).click();
      await visitor.getByRole("heading", { level: 1, name: "Enter your code" }).waitFor();
      return visitor;
    };
    const enter = async (visitor: Page, text: string) => {
      await code(visitor).fill(text);
      await visitor.getByRole("button", { name: "Continue" }).click();
    };
    const isIn = (visitor: Page) => visitor.getByRole("button", { name: "Sign out" }).waitFor();

    const first = await showPassword();
    expect(await isSignedIn(first, url)).toBe(false);
    await first.goto(`${url}/sign-in/code`);
    if (scripts) await photograph(first, "sign-in-code");
    const good = appCode(secret, 30);
    await enter(first, good);
    await isIn(first);
    const second = await showPassword();
    await enter(second, good);
    await second.getByText("That code is not right, or was used already").waitFor();
    await enter(second, codes[0] ?? "");
    await isIn(second);
    await page.goto(`${url}/two-step`);
    await page.getByText("9 left").waitFor();
    await turnOff(page, codes[1] ?? "");
  },
);
