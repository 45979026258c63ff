import { expect } from "vitest";
import { test } from "../fixture.ts";
import { axeFindings, HERE } from "../support/axe.ts";
import { PHONE } from "../support/browser.ts";
import { ask, untilAnswered } from "../support/chat-page.ts";
import { moveIn, redeem } from "../support/residents.ts";

test("axe finds nothing on a homeowner's pages", async ({ hannah: page, portals }) => {
  const { url } = portals.tenant;
  await page.goto(url);
  const document = await page.locator('main a[href^="/documents/"]').first().getAttribute("href");
  const findings = await axeFindings(page, [
    ["home", url],
    ["document", url + document],
    ["search", `${url}/search`],
    ["search results", `${url}/search?q=parking`],
    ["search, another word meant", `${url}/search?q=wifi`],
    ["search, nothing found", `${url}/search?q=zeppelin`],
    ["devices", `${url}/devices`],
    ["not found", `${url}/nowhere`],
  ]);
  expect(findings).toEqual([]);
});

test("axe finds nothing on a conversation, from an empty one to the question before it is deleted", async ({
  hannah: page,
  portals,
}) => {
  const { url } = portals.tenant;
  const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
  const findings = await axeFindings(page, [
    ["new conversation", `${url}/chat`],
    [
      "answered question",
      HERE,
      async () => {
        await ask(page, "When is food waste collected?");
        await untilAnswered(page);
      },
    ],
    ["renaming", HERE, () => press("Rename conversation")],
    [
      "asking before deleting",
      HERE,
      async () => {
        await page.keyboard.press("Escape");
        await press("Delete conversation");
        await page.getByRole("dialog").waitFor();
      },
    ],
    ["no such conversation", `${url}/chat/00000000-0000-4000-8000-000000000001`],
  ]);
  await page.setViewportSize(PHONE);
  findings.push(
    ...(await axeFindings(page, [
      ["new conversation on a phone", `${url}/chat`],
      [
        "drawer of conversations",
        HERE,
        async () => {
          await press("Conversations");
          await page.getByRole("dialog").waitFor();
        },
      ],
    ])),
  );
  expect(findings).toEqual([]);
});

test("axe finds nothing on the pages by which a homeowner comes in", async ({ page, portals }) => {
  const { url } = portals.tenant;
  const [waiting, inside] = await moveIn(portals, "Orchard Rise", 2);
  if (waiting === undefined || inside === undefined) throw new Error("two have moved in");
  await redeem(portals, inside.code);
  const findings = await axeFindings(page, [
    ["sign-in", `${url}/sign-in`],
    [
      "sign-in, a code that is none",
      HERE,
      async () => {
        await page.getByLabel("Code", { exact: true }).fill("too short");
        await page.locator("form").first().getByRole("button").first().click();
        await page.locator("[aria-invalid=true], [role=alert]").first().waitFor();
      },
    ],
    ["open code", `${url}/onboard/${waiting.code}`],
    ["used code", `${url}/onboard/${inside.code}`],
    ["link that is none", `${url}/sign-in/link/none`],
  ]);
  expect(findings).toEqual([]);
});
