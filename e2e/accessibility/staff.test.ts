import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test as base } from "../fixture.ts";
import { appCode } from "../support/authenticator.ts";
import { axeFindings, HERE } from "../support/axe.ts";
import { companies, signIn, staffOf } from "../support/people.ts";
import { end, startPortal } from "../support/portals.ts";

const test = base
  /** A page of somebody who may edit. */
  .extend("editor", async ({ page, portals }) => {
    await signIn(page, portals, companies(portals)[0]);
    return page;
  });

/** Where a link of the open page leads. */
async function addressOf(page: Page, name: string): Promise<string> {
  const href = await page.getByRole("link", { name, exact: true }).first().getAttribute("href");
  return new URL(href ?? "", page.url()).href;
}

/** Answers the address of a development's page, which is open then. */
async function toCoopersQuay(page: Page): Promise<string> {
  const quay = await addressOf(page, "Cooper's Quay");
  await page.goto(quay);
  return quay;
}

test("axe finds nothing on the pages of developments", async ({ editor: page, portals }) => {
  const { url } = portals.developer;
  const quay = await toCoopersQuay(page);
  const findings = await axeFindings(page, [
    ["developments", url],
    ["archived developments", `${url}/developments/archived`],
    ["new development", `${url}/developments/new`],
    [
      "new development with faults",
      HERE,
      async () => {
        const form = page.locator("form", { has: page.getByRole("button", { name: "Create" }) });
        await form.evaluate((each: HTMLFormElement) => {
          each.noValidate = true;
        });
        await page.getByRole("button", { name: "Create" }).click();
        await page.getByText("Nothing was saved.").waitFor();
      },
    ],
    ["development", quay],
    ["development, nothing found", `${quay}?q=nowhere`],
    ["archived units", `${quay}?archived=yes`],
    ["edit development", `${quay}/edit`],
  ]);
  expect(findings).toEqual([]);
});

test("axe finds nothing on the pages of homes, and of lists that are imported", async ({ editor: page }) => {
  const quay = await toCoopersQuay(page);
  const [unit, waiting, movedIn] = [
    await addressOf(page, "Open unit"),
    await addressOf(page, "Callum Doyle"),
    await addressOf(page, "Priya Nair"),
  ];
  const show = (list: string, then: string) => async () => {
    const file = { name: "homes.csv", mimeType: "text/csv", buffer: Buffer.from(list) };
    await page.getByLabel("List", { exact: true }).setInputFiles(file);
    await page.getByRole("button", { name: "Show what it holds" }).click();
    await page.getByText(then).first().waitFor();
  };
  const list =
    "Unit;Kind;Bedrooms;Floor area;Homeowner;E-mail\nHome X;House;3;84,5;Nora Field;nora@example.com";
  const findings = await axeFindings(page, [
    ["new unit", `${quay}/units/new`],
    ["unit", unit],
    ["homeowner with a code", waiting],
    [
      "asking before the code is replaced",
      HERE,
      async () => {
        await page.getByRole("button", { name: "New code for Callum Doyle" }).click();
        await page.getByRole("dialog").waitFor();
      },
    ],
    ["homeowner who has moved in", movedIn],
    ["import", `${quay}/import`],
    ["import with faults", HERE, show(list.replace(";3;", ";x;"), "to be put right")],
    ["import preview", `${quay}/import`, show(list, "Nothing is added yet")],
  ]);
  expect(findings).toEqual([]);
});

test("axe finds nothing on the sheets of codes, and where they are sent by e-mail", async ({
  page,
  portals,
}) => {
  const developer = await startPortal("developer-portal", {
    DATABASE_URL: portals.appUrl,
    TENANT_PORTAL_URL: portals.tenant.url,
    // Nothing can be written there: what was not sent is a state, too.
    MAIL_DIR: "/dev/null/none",
  });
  try {
    await signIn(page, { ...portals, developer }, companies(portals)[0]);
    const quay = await toCoopersQuay(page);
    const findings = await axeFindings(page, [
      ["codes to print", `${quay}/codes`],
      ["codes to print, a page each", `${quay}/codes?layout=letters`],
      ["no such sheet", `${quay}/codes?page=9`],
      ["mail preview", `${quay}/codes/mail`],
      [
        "mails that were not sent",
        HERE,
        async () => {
          await page.getByRole("button", { name: /^Send \d+ codes?$/ }).click();
          await page.getByText("Sending has stopped").waitFor();
        },
      ],
    ]);
    expect(findings).toEqual([]);
  } finally {
    await end(developer);
  }
});

test("axe finds nothing on the pages of documents, questions and activity", async ({
  editor: page,
  portals,
}) => {
  const { url } = portals.developer;
  await page.goto(`${url}/documents`);
  const links = page.locator('main a[href^="/documents/"]:not([href$="deleted"])');
  const document = url + (await links.first().getAttribute("href"));
  const findings = await axeFindings(page, [
    ["documents", `${url}/documents`],
    ["documents, nothing found", `${url}/documents?q=nothing`],
    ["deleted documents", `${url}/documents/deleted`],
    ["document", document],
    ["edit document", `${document}/edit`],
    ["questions", `${url}/questions`],
    ["activity", `${url}/activity`],
    ["activity, nothing found", `${url}/activity?q=nothing+like+it`],
  ]);
  expect(findings).toEqual([]);
});

test("axe finds nothing on the pages of the team, and of who is invited", async ({
  newPage,
  editor: page,
  portals,
}) => {
  const { url } = portals.developer;
  await page.goto(`${url}/team`);
  const members = page.locator('main a[href^="/team/"]:not([href$="new"])');
  const member = url + (await members.last().getAttribute("href"));
  const secret = page.locator("[data-secret]");
  const findings = await axeFindings(page, [
    ["team", `${url}/team`],
    ["colleague", member],
    ["invite", `${url}/team/new`],
    [
      "invited",
      HERE,
      async () => {
        await page.getByLabel("Name").fill("Axel Core");
        await page.getByLabel("E-mail address").fill("axel@harbourvale.example");
        await page.getByRole("button", { name: "Invite" }).click();
        await secret.waitFor();
      },
    ],
  ]);
  const link = (await secret.getAttribute("data-secret")) ?? "";
  findings.push(
    ...(await axeFindings(await newPage(), [
      ["join", link],
      ["join, a link that is none", `${url}/join/none`],
      ["sign-in", `${url}/sign-in`],
    ])),
  );
  expect(findings).toEqual([]);
});

test("axe finds nothing on the pages of one's own account, in any state of two-step sign-in", async ({
  page,
  portals,
}) => {
  const { url } = portals.developer;
  const [, tenantName] = companies(portals);
  const { password } = staffOf(portals, tenantName);
  await signIn(page, portals, tenantName);
  const code = page.getByLabel("Code", { exact: true });
  const recoveryCodes = page.getByRole("list", { name: "Recovery codes" });
  const secret = page.locator("[data-secret]");
  const findings = await axeFindings(page, [
    ["devices", `${url}/devices`],
    ["password", `${url}/password`],
    ["two-step, off", `${url}/two-step`],
    [
      "two-step, set up",
      HERE,
      async () => {
        await page.getByLabel("Password").fill(password);
        await page.getByRole("button", { name: "Set up" }).click();
        await secret.waitFor();
      },
    ],
    [
      "two-step, on",
      HERE,
      async () => {
        await code.fill(appCode((await secret.getAttribute("data-secret")) ?? ""));
        await page.getByRole("button", { name: "Turn on" }).click();
        await recoveryCodes.waitFor();
      },
    ],
    [
      "two-step, off again",
      HERE,
      async () => {
        const recoveryCode = await recoveryCodes.getByRole("listitem").first().textContent();
        const form = page.locator("form", { has: page.getByRole("button", { name: "Turn off" }) });
        await form.getByLabel("Code", { exact: true }).fill(recoveryCode ?? "");
        await form.getByRole("button", { name: "Turn off" }).click();
        await page.getByText("Two-step sign-in is off.").waitFor();
      },
    ],
  ]);
  expect(findings).toEqual([]);
});

test("axe finds nothing on the Database page, where nothing is, and what viewers see", async ({
  newPage,
  editor: page,
  portals,
}) => {
  const { url } = portals.developer;
  const findings = await axeFindings(page, [
    ["database", `${url}/database`],
    ["not found", `${url}/developments/none`],
  ]);
  const viewer = await newPage();
  await signIn(viewer, portals, companies(portals)[0], "viewer");
  findings.push(
    ...(await axeFindings(viewer, [
      ["forbidden", `${url}/team`],
      ["documents of a viewer", `${url}/documents`],
    ])),
  );
  expect(findings).toEqual([]);
});
