import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { runPortals } from "./support/run-portals.ts";

const USAGE = `npm run dev
  As npm start, with next dev and hot reload. What can be chosen is in .env or in front of the command:
  DEVELOPER_PORTAL_PORT=3100 TENANT_PORTAL_PORT=3101 npm run dev`;

await main(() => {
  refuseArguments(USAGE);
  return runPortals("dev");
});
