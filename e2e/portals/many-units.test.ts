import { asSuperuser } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { DESKTOP, PHONE, photograph } from "../support/browser.ts";
import { companies, signIn } from "../support/people.ts";
import type { Portals } from "../support/portals.ts";

const UNITS = `insert into units (tenant_id, id, development_id, label, kind, bedrooms, floor_area_m2, handover_on)
  select d.tenant_id, gen_random_uuid(), d.id, 'Home ' || n, 'Terraced house', 1 + n % 4, 60 + n % 70, date '2026-12-01' + n
    from developments d, generate_series(1, 500) n where d.name = 'Saltmarsh Lane'`;
const PEOPLE = `insert into homeowners (tenant_id, id, unit_id, name, email)
  select u.tenant_id, gen_random_uuid(), u.id, 'Owner of ' || u.label, 'o' || md5(u.label) || '@example.com'
    from units u where u.label like 'Home %'`;
const CODES = `insert into onboarding_codes (tenant_id, id, homeowner_id, code, expires_at)
  select h.tenant_id, gen_random_uuid(), h.id, upper(substr(translate(md5(h.id::text), 'iluo', 'abcd'), 1, 20)), now() + interval '80 days'
    from homeowners h where h.name like 'Owner of Home %'`;

/** Fills a development; answers its path and that of one with six units. */
async function fill({ postgres }: Portals): Promise<{ many: string; six: string }> {
  return asSuperuser(postgres.url, async (client) => {
    for (const statement of [UNITS, PEOPLE, CODES]) await client.query(statement);
    const { rows } = await client.query<{ id: string; name: string }>("select id, name from developments");
    const pathOf = (name: string) => `/developments/${rows.find((row) => row.name === name)?.id}`;
    return { many: pathOf("Saltmarsh Lane"), six: pathOf("Cooper's Quay") };
  });
}

test("500 units are pages that are as light as those of six, searched, sorted and turned without scripts", async ({
  newPage,
  page: signedIn,
  portals,
}) => {
  const { url } = portals.developer;
  const { many, six } = await fill(portals);
  await signIn(signedIn, portals, companies(portals)[0]);
  const storageState = await signedIn.context().storageState();
  const cookie = storageState.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const read = async (path: string) => {
    const startedAt = performance.now();
    const html = await (await fetch(url + path, { headers: { cookie } })).text();
    return {
      bytes: html.length,
      ms: performance.now() - startedAt,
      pictures: html.split('role="img"').length - 1,
    };
  };
  const times = { many: [] as number[], six: [] as number[] };
  for (let round = 0; round < 15; round++) {
    times.many.push((await read(many)).ms);
    times.six.push((await read(six)).ms);
  }
  const median = (all: number[]) => all.toSorted((one, other) => one - other)[7] ?? 0;
  expect((await read(many)).bytes).toBeLessThan(300_000);
  expect((await read(many)).pictures).toBe(0);
  expect(median(times.many)).toBeLessThan(2 * median(times.six));

  const page = await newPage({ javaScriptEnabled: false, storageState });
  const labels = () => page.getByRole("rowheader").allTextContents();
  await page.goto(url + many);
  expect((await labels())[1]).toMatch(/^Home 2Terraced/);
  await page.getByRole("link", { name: "Next" }).click();
  await page.getByText("Page 2 of 20").waitFor();
  expect((await labels())[0]).toMatch(/^Home 26/);
  await page.getByRole("link", { name: "Unit", exact: true }).click();
  await page.getByText("Page 1 of 20").waitFor();
  expect((await labels())[0]).toMatch(/^Home 500/);
  await page.getByLabel("Unit, homeowner or e-mail").fill("home 417");
  await page.getByRole("button", { name: "Search" }).click();
  expect(await labels()).toEqual([expect.stringMatching(/^Home 417/)]);
  await page.getByLabel("Code", { exact: true }).selectOption("used");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No unit is like that").waitFor();

  await page.goto(`${url}${many}?q=home+417`);
  await page.getByRole("button", { name: "Code of Owner of Home 417" }).click();
  await page.getByRole("img", { name: /^QR code/ }).waitFor();
  expect(await page.getByRole("img", { name: /^QR code/ }).count()).toBe(1);

  await page.goto(url + many);
  await page.getByRole("link", { name: "Print 500 codes" }).click();
  await page.getByText("Codes 1 to 100 of 500 are on this sheet").waitFor();
  expect(await page.getByRole("img", { name: /^QR code/ }).count()).toBe(100);
  await page.goto(`${page.url()}?page=5`);
  await page.getByText("Codes 401 to 500 of 500").waitFor();
});

test("lists of units, documents and codes fit every screen", async ({ page, portals }) => {
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: "Saltmarsh Lane" }).click();
  await page.getByRole("heading", { level: 1, name: "Saltmarsh Lane" }).waitFor();
  const units = page.url();
  for (const [name, address] of [
    ["units", units],
    ["codes", `${units}/codes?page=5`],
    ["documents-list", `${portals.developer.url}/documents?sort=title`],
  ] as const) {
    for (const viewport of [DESKTOP, { width: 768, height: 1024 }, PHONE]) {
      await page.setViewportSize(viewport);
      await page.goto(address);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await photograph(page, `${name}-${viewport.width}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect({ name, width }).toEqual({ name, width: viewport.width });
    }
  }
});
