import type { Page } from "playwright-core";
import type { Portals } from "./portals.ts";

/** The first two companies of the example data. */
export function companies({ seeded }: Pick<Portals, "seeded">): [string, string] {
  const [first, second] = new Set(seeded.staff.map(({ tenantName }) => tenantName));
  if (first === undefined || second === undefined) throw new Error("the example data has two companies");
  return [first, second];
}

export function staffOf({ seeded }: Pick<Portals, "seeded">, tenantName: string, role = "developer") {
  const found = seeded.staff.find((each) => each.tenantName === tenantName && each.role === role);
  if (found === undefined) throw new Error(`the example data has no ${role} at ${tenantName}`);
  return found;
}

/** Signs in as a company's staff and goes to the page of a homeowner of theirs, by the list of the development's units. */
export async function goToHomeowner(
  page: Page,
  portals: Portals,
  { developmentName, name }: { developmentName: string; name: string },
): Promise<void> {
  await signIn(page, portals, companies(portals)[0]);
  await page.getByRole("link", { name: developmentName }).first().click();
  await page.getByLabel("Unit, homeowner or e-mail").fill(name);
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL(/[?&]q=/);
  await page.getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** Signs in as a company's staff and waits for the first page. */
export async function signIn(
  page: Page,
  portals: Pick<Portals, "developer" | "seeded">,
  tenantName: string,
  role?: string,
): Promise<void> {
  const { email, password } = staffOf(portals, tenantName, role);
  await page.goto(`${portals.developer.url}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Developments" }).waitFor();
}
