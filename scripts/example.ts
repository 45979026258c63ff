import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { EXAMPLE_ENVIRONMENT, exampleNames, installExample } from "./support/installed-example.ts";
import { makeOrdinaryRole } from "./support/ordinary-role.ts";
import { packPool } from "./support/packed-pool.ts";

const NAMES = exampleNames();
const USAGE = `npm run example -- NAME
  Installs an example outside the checkout, with @openhouse/pool as it is published, and starts it on an embedded Postgres of
  its own. Ctrl+C ends it, and removes both. NAME: ${NAMES.join(", ")}`;

await main(async () => {
  const { positionals } = readArguments(USAGE, { allowPositionals: true });
  const [name = "", ...more] = positionals;
  if (!NAMES.includes(name) || more.length > 0)
    throw new UserError(`There is no example ${positionals.join(" ") || "without a name"}.\n${USAGE}`);
  const { aborted } = listenForSignals();
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "example-"));
  const server = await startEmbeddedPostgres({ name: "example" });
  try {
    const cwd = await installExample(name, directory, packPool(directory));
    aborted.throwIfAborted();
    const { url } = await makeOrdinaryRole(server.url);
    const urls = { DATABASE_URL: url, DATABASE_URL_OWNER: `${server.url}?sslmode=disable` };
    const env = { ...process.env, ...EXAMPLE_ENVIRONMENT, ...urls };
    const child = spawn("npm", ["start", "--silent"], { cwd, env, stdio: "inherit" });
    aborted.addEventListener("abort", () => child.kill("SIGTERM"));
    await once(child, "exit");
    return 0;
  } finally {
    await server.stop("immediate");
    rmSync(directory, { recursive: true, force: true });
  }
});
