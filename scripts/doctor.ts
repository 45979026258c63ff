import { databaseSettings } from "@openhouse/db/client";
import { readArguments, runDoctor, USAGE } from "@openhouse/doctor";
import { repositoryRoot } from "@openhouse/pool-testing";
import { main } from "@openhouse/tooling/cli/main";
import { openDatabase } from "./support/database.ts";
import { tenantToken } from "./support/tenant-token-check.ts";

await main(async () => {
  if (process.argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  readArguments(process.argv.slice(2)); // refused before anything starts
  // The settings' faults are findings of the doctor's: nothing is opened for them here.
  const command = { settings: databaseSettings, checks: [tenantToken], directory: repositoryRoot() };
  if (process.env.DATABASE_URL) return runDoctor(command);

  const database = await openDatabase(console.error);
  try {
    const { appUrl, ownerUrl, description } = database;
    console.error(`${description}\n`);
    Object.assign(process.env, { DATABASE_URL: appUrl, DATABASE_URL_OWNER: ownerUrl });
    return await runDoctor(command);
  } finally {
    await database.stop();
  }
});
