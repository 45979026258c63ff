import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { asVisitor } from "../support/browser.ts";
import type { Fixture } from "../support/fixture.ts";
import { hold, openUnscripted, untilTakenOver } from "../support/hold.ts";
import { asHomeowner } from "../support/homeowners.ts";
import { companies, signIn } from "../support/people.ts";
import { moveIn } from "../support/residents.ts";

/** Pages are seen, and used, before their scripts have come; the chat's are beside the chat. */
export function early(fixture: () => Fixture): void {
  describe("before a page's scripts have come", () => {
    const searching = async (work: (page: Page, url: string) => Promise<void>) => {
      const { browser, portals } = fixture();
      const { cookie } = await asHomeowner(portals.postgres.url, "samir.haddad@example.com");
      const [name = "", value = ""] = cookie.split("=");
      await asVisitor(browser, async (page, context) => {
        await context.addCookies([{ name, value, url: portals.tenant.url }]);
        await work(page, `${portals.tenant.url}/search`);
      });
    };

    test("what is typed into the search stays", async () => {
      await searching(async (page, url) => {
        const scripts = await openUnscripted(page, `${url}?q=home`);
        const field = page.getByLabel("Search the documents");
        await field.fill("radiator");
        scripts.letGo();
        await untilTakenOver(field);
        expect(await field.inputValue()).toBe("radiator");
        await field.press("Enter");
        await page.waitForURL((address) => address.searchParams.get("q") === "radiator");
      });
    });

    test("what is typed while a search is on its way stays, and going back shows what was searched", async () => {
      await searching(async (page, url) => {
        await page.goto(`${url}?q=home`);
        const field = page.getByLabel("Search the documents");
        await page.getByText(/^Page 1 of /).waitFor();
        const results = await hold(page, (address) => address.searchParams.get("q") === "radiator");
        await field.fill("radiator");
        await field.press("Enter");
        await results.asked;
        await field.pressSequentially(" pressure");
        results.letGo();
        await page.waitForURL((address) => address.searchParams.get("q") === "radiator");
        await page.locator("mark").first().waitFor();
        expect(await field.inputValue()).toBe("radiator pressure");
        await page.goBack();
        await page.getByText(/^Page 1 of /).waitFor();
        expect(await field.inputValue()).toBe("home");
      });
    });

    test("a code is not withdrawn unasked", async () => {
      const { browser, portals } = fixture();
      const [resident] = await moveIn(portals, "Orchard Rise", 1);
      await asVisitor(browser, async (page) => {
        await signIn(page, portals, companies(portals)[0]);
        await page.getByRole("link", { name: "Orchard Rise" }).first().click();
        await page.getByRole("heading", { name: "Onboarding codes" }).waitFor();
        const scripts = await openUnscripted(page, page.url());
        await page.getByRole("button", { name: `Withdraw the code of ${resident?.name}` }).click();
        const dialog = page.getByRole("dialog", { name: `Withdraw the code of ${resident?.name}?` });
        await dialog.getByRole("button", { name: "Keep it" }).click();
        await dialog.waitFor({ state: "hidden" });
        await page.getByRole("button", { name: `Withdraw the code of ${resident?.name}` }).click();
        await dialog.waitFor();
        expect(await page.locator(`[data-code="${resident?.code}"]`).count()).toBe(1);
        scripts.letGo();
        await untilTakenOver(dialog.getByRole("button", { name: "Withdraw it" }));
        await dialog.getByRole("button", { name: "Withdraw it" }).click();
        await page.getByText("Code withdrawn.").waitFor();
      });
    });

    test("a home that is opened with two presses is opened, and its homeowner is in", async () => {
      const { browser, portals } = fixture();
      const [resident] = await moveIn(portals, "Orchard Rise", 1);
      await asVisitor(browser, async (page) => {
        await openUnscripted(page, `${portals.tenant.url}/onboard/${resident?.code}`);
        await page.getByRole("button", { name: /open/i }).dblclick({ noWaitAfter: true });
        await page.getByRole("heading", { name: `Welcome home, ${resident?.name}` }).waitFor();
      });
    });
  });
}
