import { join, resolve } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { packDoctor } from "./support/packed-doctor.ts";

const USAGE = `npm run pack:doctor -- [DIRECTORY]
  DIRECTORY     where the tarballs of the doctor, and of the pool that it depends on, go [packages/doctor/dist]`;

await main(async () => {
  const { positionals } = readArguments(USAGE, { allowPositionals: true });
  const { pool, doctor } = packDoctor(
    resolve(positionals[0] ?? join(repositoryRoot(), "packages/doctor/dist")),
  );
  console.log(`${doctor}\n${pool}`);
  return 0;
});
