import { join, resolve } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { packPool } from "./support/packed-pool.ts";

const USAGE = `npm run pack:pool -- [DIRECTORY]
  DIRECTORY     where the tarball goes [packages/pool/dist]`;

await main(async () => {
  const { positionals } = readArguments(USAGE, { allowPositionals: true });
  console.log(packPool(resolve(positionals[0] ?? join(repositoryRoot(), "packages/pool/dist"))));
  return 0;
});
