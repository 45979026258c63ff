import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { siteFaults } from "./support/site/built-site.ts";
import { serveFolder } from "./support/site/static-server.ts";

const USAGE = `npm run site -- [--serve] [--no-build] [--port N]
  Builds the documents' site into site/dist, which any host of static files can serve: pages are the repository's own Markdown, the
  reference is made of the docstrings. Fails on a link that leads nowhere, and on a page that would fetch anything from elsewhere.
  What builds it is a package of its own, installed at the first run.
    --serve      then serves it to this machine, until Ctrl+C
    --no-build   serves what was built before
    --port N     where (4173); 0 for a port that is free
  SITE_SOURCES_URL, such as https://example.com/repository/blob/main/, makes links to the sources of it; else they are text.`;

const SITE = join(repositoryRoot(), "site");
const DIST = join(SITE, "dist");

await main(async () => {
  const { values } = readArguments(USAGE, {
    options: { serve: { type: "boolean" }, "no-build": { type: "boolean" }, port: { type: "string" } },
  });
  const port = Number(values.port ?? 4173);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UserError(`There is no port ${values.port}.\n${USAGE}`);
  if (values["no-build"] !== true) build();
  if (!existsSync(DIST)) throw new UserError("There is no site/dist: run npm run site first.");

  const faults = siteFaults(DIST);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return 1;
  if (values.serve !== true) {
    console.log(`The site is in ${DIST}.`);
    return 0;
  }
  const { aborted } = listenForSignals();
  const server = await serveFolder(DIST, port);
  console.log(`The site is at ${server.url}`);
  if (!aborted.aborted) await once(aborted, "abort");
  await server.close();
  return 0;
});

function build(): void {
  if (isOutdated()) run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
  rmSync(join(SITE, "reference"), { recursive: true, force: true });
  run(join(SITE, "node_modules/.bin/typedoc"), "--logLevel", "Error");
  run(join(SITE, "node_modules/.bin/vitepress"), "build");
}

/** Whether what is installed is older than the list of it. */
function isOutdated(): boolean {
  const installed = statSync(join(SITE, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  return installed === undefined || installed.mtimeMs < statSync(join(SITE, "package-lock.json")).mtimeMs;
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: SITE, stdio: "inherit" });
}
