import { describe, expect, test } from "vitest";
import { asVisitor, DESKTOP, PHONE, photograph } from "../support/browser.ts";
import type { Fixture } from "../support/fixture.ts";
import { companies, signIn, staffOf } from "../support/people.ts";

export function signingIn(fixture: () => Fixture): void {
  describe("signing in", () => {
    test("staff see their own company's developments, and no other's by any address", async () => {
      const { browser, portals } = fixture();
      const [first, second] = companies(portals);
      const pathsOf = (tenantName: string) =>
        asVisitor(browser, async (page) => {
          await signIn(page, portals, tenantName);
          const links = page.locator('main a[href^="/developments/"]');
          const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
          return { paths: [...new Set(hrefs)].sort(), text: await page.locator("main").textContent() };
        });
      const [ours, theirs] = [await pathsOf(first), await pathsOf(second)];
      expect(ours.paths.length).toBeGreaterThan(0);
      expect(ours.paths.filter((path) => theirs.paths.includes(path))).toEqual([]);

      await asVisitor(browser, async (page) => {
        await signIn(page, portals, first);
        for (const path of theirs.paths) {
          await page.goto(`${portals.developer.url}${path}`);
          expect(await page.locator("main").textContent()).toContain("There is nothing here");
        }
      });
    });

    test("a wrong password is told calmly, keeps the e-mail, and lets nobody in", async () => {
      const { browser, portals } = fixture();
      const { email } = staffOf(portals, companies(portals)[0], "viewer");
      await asVisitor(browser, async (page) => {
        await page.goto(portals.developer.url);
        expect(page.url()).toContain("/sign-in");
        await page.getByLabel("Email").fill(email);
        await page.getByLabel("Password").fill("not the password");
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByText(/do not match|not right|wrong/i).waitFor();
        expect(await page.getByLabel("Email").inputValue()).toBe(email);
        await photograph(page, "sign-in-refused");
        await page.goto(portals.developer.url);
        expect(page.url()).toContain("/sign-in");
      });
    });

    test("works with the keyboard alone", async () => {
      const { browser, portals } = fixture();
      const { email, password } = staffOf(portals, companies(portals)[0]);
      await asVisitor(browser, async (page) => {
        await page.goto(`${portals.developer.url}/sign-in`);
        await page.getByLabel("Email").focus();
        await page.keyboard.type(email);
        await page.keyboard.press("Tab");
        await page.keyboard.type(password);
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { level: 1, name: "Developments" }).waitFor();
        await page.keyboard.press("Tab");
        expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
      });
    });

    test("signing out ends the session, also for whoever kept the cookie", async () => {
      const { browser, portals } = fixture();
      await asVisitor(browser, async (page, context) => {
        await signIn(page, portals, companies(portals)[0]);
        const kept = await context.cookies();
        expect(kept.every(({ httpOnly, sameSite }) => httpOnly && sameSite === "Lax")).toBe(true);
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.waitForURL(/sign-in/);
        await context.addCookies(kept);
        await page.goto(portals.developer.url);
        expect(page.url()).toContain("/sign-in");
      });
    });

    test.each([
      ["desktop", DESKTOP],
      ["phone", PHONE],
    ] as const)("every page fits a %s", async (name, viewport) => {
      const { browser, portals } = fixture();
      await asVisitor(
        browser,
        async (page) => {
          const look = async (what: string) => {
            await photograph(page, `${what}-${name}`);
            const overflow = await page.evaluate(
              () => document.documentElement.scrollWidth - window.innerWidth,
            );
            expect({ what, overflow: Math.max(0, overflow) }).toEqual({ what, overflow: 0 });
          };
          await page.goto(`${portals.developer.url}/sign-in`);
          await look("sign-in");
          await signIn(page, portals, companies(portals)[0]);
          await look("developments");
          await page.locator('main a[href^="/developments/"]').first().click();
          await page.getByRole("heading", { name: "Onboarding codes" }).waitFor();
          await look("development");
          await page.goto(`${portals.developer.url}/documents`);
          await look("documents");
          await page.goto(`${portals.developer.url}/nowhere`);
          await look("not-found");
        },
        viewport,
      );
    });
  });
}
