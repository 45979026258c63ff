import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { runPortals } from "./support/run-portals.ts";

const USAGE = `npm start
  Postgres, migrations, example data, both portals. What can be chosen is in .env or in front of the command:
  DEVELOPER_PORTAL_PORT=3100 TENANT_PORTAL_PORT=3101 npm start`;

await main(() => {
  refuseArguments(USAGE);
  return runPortals("start");
});
