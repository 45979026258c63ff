import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { runPortals } from "./support/run-portals.ts";

const MOST_WORKERS = 64;

const USAGE = `npm start -- [options]
  Postgres, migrations, example data, both portals.
  --workers N  runs each portal in N processes behind its one port, 1 to ${MOST_WORKERS}; 1 by default. Each has a pool of its
               own: connections are 2 x N x (DB_POOL_MAX + 1) at most
  What else can be chosen is in .env or in front of the command:
  DEVELOPER_PORTAL_PORT=3100 TENANT_PORTAL_PORT=3101 npm start`;

await main(() => {
  const { values } = readArguments(USAGE, { options: { workers: { type: "string", default: "1" } } });
  return runPortals("start", readWorkers(values.workers));
});

/** @throws {UserError} it is no such number. */
function readWorkers(text: string): number {
  const workers = Number(text);
  if (/^\d+$/.test(text) && workers >= 1 && workers <= MOST_WORKERS) return workers;
  throw new UserError(
    `--workers must be a whole number from 1 to ${MOST_WORKERS}; it is "${text}"\n${USAGE}`,
  );
}
