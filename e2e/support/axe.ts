import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The page that is open stays open. */
export const HERE = "";

/** A page, or a state of the page before it, and what brings that about. */
export type Place = readonly [name: string, address: string, bring?: () => Promise<unknown>];

/** Goes through the places and gathers what axe finds there, light and dark, a line each. */
export async function axeFindings(page: Page, places: readonly Place[]): Promise<string[]> {
  const findings: string[] = [];
  for (const [name, address, bring] of places) {
    if (address !== HERE) await page.goto(address);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await bring?.();
    findings.push(...(await findingsHere(page, name)));
  }
  return findings;
}

/**
 * All of axe's rules in light colours; in dark ones those of colour, as nothing else differs. Evaluated from outside, as the content
 * security policy lets no such script in.
 */
async function findingsHere(page: Page, name: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await untilStill(page);
  await page.evaluate(SOURCE);
  const light = await run(page, {});
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await untilStill(page);
  const dark = await run(page, { runOnly: { type: "rule", values: ["color-contrast"] } });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: null });
  return [...light.map((line) => `${name}: ${line}`), ...dark.map((line) => `${name}, dark: ${line}`)];
}

/** Waits for what changes its colour by and by: until then it has the one before. */
function untilStill(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const isMoving = ({ effect, playState }: Animation) =>
      playState === "running" && effect?.getComputedTiming().endTime !== Infinity;
    while (document.getAnimations().some(isMoving)) await new Promise(requestAnimationFrame);
  });
}

function run(page: Page, options: axe.RunOptions): Promise<string[]> {
  return page.evaluate(async (asked) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      ...asked,
      resultTypes: ["violations"],
      // Style sheets of other origins, which the policy would stop.
      preload: false,
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`,
      ),
    );
  }, options);
}
