import { migrate } from "@openhouse/db/migrate";
import { seed } from "@openhouse/db/seed";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { openDatabase } from "./support/database.ts";

await main(async () => {
  refuseArguments(
    "npm run db:seed\n  Adds the example data to the database of DATABASE_URL, or to the embedded one.",
  );
  const database = await openDatabase(console.log);
  try {
    const { appUrl, ownerUrl, embedded, description } = database;
    console.log(description);
    // A database that somebody runs is migrated when they say so; ours is always up to date.
    if (embedded !== null) await migrate({ ownerUrl, appUrl, log: console.log });
    await seed({ appUrl, log: console.log, allowProduction: embedded !== null });
  } finally {
    await database.stop();
  }
});
