import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { runPortals } from "./support/run-portals.ts";

const MOST_WORKERS = 64;
const MOST_REPLICAS = 4;

const USAGE = `npm start -- [options]
  Postgres, migrations, example data, both portals.
  --replicas N brings up N streaming replicas of the embedded Postgres, 0 to 4; none by default. Search and the pages of
               documents are read from them
  --workers N  runs each portal in N processes behind its one port, 1 to ${MOST_WORKERS}; 1 by default. Each has a pool of its
               own: connections are 2 x N x (DB_POOL_MAX + 1) at most
  What else can be chosen is in .env or in front of the command:
  DEVELOPER_PORTAL_PORT=3100 TENANT_PORTAL_PORT=3101 npm start`;

await main(() => {
  const { values } = readArguments(USAGE, {
    options: { workers: { type: "string", default: "1" }, replicas: { type: "string", default: "0" } },
  });
  const workers = readNumber("--workers", values.workers, 1, MOST_WORKERS);
  const replicas = readNumber("--replicas", values.replicas, 0, MOST_REPLICAS);
  return runPortals("start", { workers, replicas });
});

/** @throws {UserError} it is no such number. */
function readNumber(option: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new UserError(`${option} must be a whole number from ${min} to ${max}; it is "${text}"\n${USAGE}`);
}
