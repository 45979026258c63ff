import { migrate } from "@openhouse/db/migrate";
import { seed } from "@openhouse/db/seed";
import { removeEmbeddedPostgres } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { openDatabase, remakeDatabase } from "./support/database.ts";

const USAGE = `npm run db:reset -- [--yes]
  Drops the embedded server's data, and makes the example data anew.
  --yes         also where DATABASE_URL is set; that database is not touched`;

await main(async () => {
  const { values } = readArguments(USAGE, { options: { yes: { type: "boolean" } } });
  if (process.env.DATABASE_URL) {
    if (!values.yes) {
      throw new UserError(
        "DATABASE_URL is set. This command never touches that database: it drops the embedded server's data.\n" +
          "If that is what you want: npm run db:reset -- --yes",
      );
    }
    delete process.env.DATABASE_URL;
  }
  // The whole cluster goes, so that this also mends one that does not start. One in use keeps running: only its database goes.
  const removed = await removeEmbeddedPostgres({ name: "dev" });
  const database = await openDatabase(console.log);
  try {
    const { appUrl, ownerUrl, embedded, description } = database;
    if (!removed && embedded !== null) await remakeDatabase(embedded.url);
    await migrate({ ownerUrl, appUrl, log: console.log });
    await seed({ appUrl, log: console.log, allowProduction: true });
    console.log(`Afresh: ${description}`);
  } finally {
    await database.stop();
  }
});
