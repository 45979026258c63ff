import { migrate } from "@openhouse/db/migrate";
import { seed } from "@openhouse/db/seed";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { openDatabase } from "./support/database.ts";

const USAGE = `npm run db:seed -- [--yes]
  Adds the example data to the embedded database.
  --yes         also where DATABASE_URL is set, to that database; the accounts' passwords are public`;

await main(async () => {
  const { values } = readArguments(USAGE, { options: { yes: { type: "boolean" } } });
  if (process.env.DATABASE_URL && !values.yes) {
    throw new UserError(
      "DATABASE_URL is set, and the example data brings accounts whose passwords are public: nothing was added.\n" +
        "If that is what you want on that server: npm run db:seed -- --yes",
    );
  }
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
