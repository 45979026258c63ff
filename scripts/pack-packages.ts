import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { packPackages } from "./support/packed-packages.ts";

const USAGE = `npm run pack:packages -- DIRECTORY
  Builds and packs all that is published: @openhouse/pool, @openhouse/pool-testing and @openhouse/doctor.
  DIRECTORY     where the tarballs go; the tests of what is packed try those where PACKED_PACKAGES names it`;

await main(async () => {
  const { positionals } = readArguments(USAGE, { allowPositionals: true });
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw new UserError(`One directory, please.\n${USAGE}`);
  mkdirSync(directory, { recursive: true });
  const { pool, testing, doctor } = packPackages(resolve(directory));
  console.log([pool, testing, doctor].join("\n"));
  return 0;
});
