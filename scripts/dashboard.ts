import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { dashboardText } from "./support/monitoring/dashboard.ts";

const FILE = "deploy/monitoring/dashboard.json";
const USAGE = `npm run dashboard
  Writes ${FILE}, Grafana's dashboard, as scripts/support/monitoring/dashboard.ts has it.`;

await main(async () => {
  readArguments(USAGE, {});
  writeFileSync(join(repositoryRoot(), FILE), dashboardText());
  console.log(FILE);
});
