import { rekeyDirectory } from "@openhouse/db/rekey-directory";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { openDatabase } from "./support/database.ts";

await main(async () => {
  refuseArguments(
    "npm run db:rekey\n  After AUTH_SECRET has changed: lets staff and codes be found again, in the database of DATABASE_URL or the embedded one.",
  );
  const database = await openDatabase(console.log);
  try {
    console.log(database.description);
    console.log(`the directory is made anew, of ${await rekeyDirectory(database)} tenants`);
  } finally {
    await database.stop();
  }
});
