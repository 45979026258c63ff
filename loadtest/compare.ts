import { Interrupted } from "@openhouse/tooling/cli/interrupt";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import type { Flags } from "./flags.ts";
import { requestsOf } from "./loads.ts";
import { PlainPoolCheckout } from "./peers/checkout.ts";
import type { ComparedRun, Comparison } from "./report/all-results.ts";
import { comparisonText } from "./report/comparison.ts";
import { drawComparison } from "./report/comparison-svg.ts";
import { writeResult } from "./report/files.ts";
import type { Session } from "./session.ts";
import { oursOn, plainOn, singleOn, tenantPortal, type Variant } from "./variants.ts";

/**
 * The same loads with one client, with drizzle(pg.Pool) and with ours: calm, and with the database restarted midway.
 *
 * @returns why ours has not passed; the others are measured, not judged.
 */
export async function compare(session: Session, flags: Flags, aborted: AbortSignal): Promise<string[]> {
  const portal = tenantPortal();
  console.log("building the portal on drizzle(pg.Pool), in a copy of the checkout");
  const checkout = new PlainPoolCheckout();
  try {
    await ensureBuild(checkout.portal, (line) => console.log(`drizzle(pg.Pool) | ${line}`), aborted);
    const entries: ComparedRun[] = [];
    const complaints: string[] = [];
    for (const variant of [singleOn(portal), plainOn(checkout.portal), oursOn(portal)]) {
      for (const calm of [true, false]) {
        for (const request of requestsOf(flags, !calm)) {
          aborted.throwIfAborted();
          const { run, reasons } = await attempt(session, variant, request);
          entries.push(run);
          if (variant.name === "ours") complaints.push(...reasons);
        }
      }
    }
    const settings =
      "DB_POOL_MAX=20 and otherwise each one's defaults; the same portal, server, people and questions";
    const comparison: Comparison = { machine: session.machine, settings, entries };
    console.log(`\n${comparisonText(comparison)}\n`);
    console.log(writeResult("compare.json", `${JSON.stringify(comparison, null, 1)}\n`));
    console.log(writeResult("compare.svg", drawComparison(comparison)));
    return complaints;
  } finally {
    checkout.remove();
  }
}

async function attempt(
  session: Session,
  variant: Variant,
  request: ReturnType<typeof requestsOf>[number],
): Promise<{ run: ComparedRun; reasons: string[] }> {
  const { name, title: variantTitle } = variant;
  const named = { variant: name, variantTitle, load: request.title, calm: !request.restart };
  try {
    const { report, complaints } = await session.run(variant, request);
    return { run: { ...named, report, problem: null }, reasons: complaints };
  } catch (error) {
    if (name === "ours" || error instanceof Interrupted) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    console.log(`\n${request.title}, ${variantTitle}: could not be measured: ${problem}`);
    return { run: { ...named, report: null, problem }, reasons: [] };
  }
}
