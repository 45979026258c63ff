import { table } from "@openhouse/tooling/cli/screen";
import type { Portal } from "@openhouse/tooling/portals/portals";
import type { ScriptDatabase } from "./database.ts";
import type { DemoData } from "./prepare.ts";

/** What the screen says once everything answers. */
export function welcome(
  portals: readonly Portal[],
  database: ScriptDatabase,
  demo: DemoData | null,
  mailDir: string | undefined,
): string {
  const tenantPortal = portals.find(({ name }) => name === "tenant-portal");
  const parts = [
    "OpenHouse is running.",
    table(
      ["What", "Where"],
      [
        ...portals.map(({ title, address }) => [title, address]),
        ["Database", database.description],
        ...(mailDir === undefined ? [] : [["Mails, a file each", mailDir]]),
      ],
    ),
  ];
  if (demo !== null) {
    parts.push(
      "Sign in to the developer portal as one of the demo staff:",
      table(
        ["Company", "E-mail", "Password", "Role"],
        demo.staff.map(({ tenantName, email, password, role, isOperator }) => [
          ...[tenantName, email, password],
          isOperator ? `${role}, operator` : role,
        ]),
      ),
      "Move in as a homeowner: open the link, once.",
      table(
        ["Company", "Homeowner", "Unit", "Link"],
        onePerCompany(demo.onboarding).map(({ tenantName, homeownerName, unitLabel, code }) => [
          tenantName,
          homeownerName,
          unitLabel,
          `${tenantPortal?.address}/onboard/${code}`,
        ]),
      ),
    );
  }
  const afresh = database.embedded === null ? "" : " Start afresh: npm run db:reset";
  return `\n${[...parts, `Stop: Ctrl-C.${afresh}`].join("\n\n")}\n`;
}

function onePerCompany<T extends { tenantName: string }>(entries: readonly T[]): T[] {
  return entries.filter(
    (entry, index) => entries.findIndex((other) => other.tenantName === entry.tenantName) === index,
  );
}
