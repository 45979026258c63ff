import { readArguments } from "@openhouse/tooling/cli/arguments";
import { listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { speaker, table } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import { portalNamed } from "@openhouse/tooling/portals/portals";
import { drillAlerts } from "./support/drills/alert-drill.ts";
import { DRILLS, UNDONE } from "./support/drills/drills.ts";
import { perform, type Report } from "./support/drills/perform.ts";

const NAMES = [...DRILLS, ...UNDONE].map(({ name }) => name);
const USAGE = `npm run drills -- [--only NAME]... | --alerts
  What the person on call would see: each fault on a built tenant portal and a server of its own. Exits with 1 where something is
  not as it should be. NAME: ${NAMES.join(", ")}
  --alerts  the alert itself: a real Prometheus and Alertmanager (Debian's), whose receiver is told of a database that is stopped`;

await main(async () => {
  const { values } = readArguments(USAGE, {
    options: {
      only: { type: "string", multiple: true },
      alerts: { type: "boolean" },
    },
  });
  const only = values.only ?? NAMES;
  const unknown = only.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) throw new UserError(`There is no drill ${unknown.join(", ")}.\n${USAGE}`);
  const { aborted } = listenForSignals();
  const portal = portalNamed("tenant-portal");
  await ensureBuild(portal, speaker("tenant-portal", 13), aborted);
  if (values.alerts) {
    const { firedMs, resolvedMs, others } = await drillAlerts(portal);
    console.log(`DatabaseDown reached the pager ${secondsOf(firedMs)} after the database was stopped.`);
    console.log(`That it is over did ${secondsOf(resolvedMs)} after the database was started.`);
    console.log(`Told besides: ${others.join(", ") || "nothing"}.`);
    return others.length === 0 ? 0 : 1;
  }
  const reports: Report[] = [];
  for (const drill of DRILLS.filter(({ name }) => only.includes(name))) {
    aborted.throwIfAborted();
    console.log(`\n${drill.name}: ${drill.fault}`);
    const report = await perform(drill, portal);
    reports.push(report);
    console.log(`  ${report.wrong.length === 0 ? "OK" : report.wrong.join("\n  ")}`);
  }
  const rows = reports.map(({ name, health, ready, users, log, alert, normal, advice, wrong }) => [
    name,
    health,
    ready,
    users,
    log,
    alert,
    normal,
    advice,
    wrong.length === 0 ? "OK" : "WRONG",
  ]);
  const undone = UNDONE.filter(({ name }) => only.includes(name));
  for (const { name, because } of undone) rows.push([name, "", "", "", "", "", "", because, "SKIP"]);
  const headings = ["drill", "health", "ready", "users", "log", "alert", "normal after", "runbook", ""];
  console.log(`\n${table(headings, rows)}`);
  const wrong = reports.flatMap(({ name, wrong }) => wrong.map((each) => `${name}: ${each}`));
  if (wrong.length > 0) console.log(`\nNot as it should be:\n${wrong.map((each) => `  ${each}`).join("\n")}`);
  return wrong.length === 0 ? 0 : 1;
});

function secondsOf(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
