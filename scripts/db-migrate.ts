import { migrate } from "@openhouse/db/migrate";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { openDatabase } from "./support/database.ts";

await main(async () => {
  refuseArguments(
    "npm run db:migrate\n  Brings the database of DATABASE_URL, or the embedded one, up to date.",
  );
  const database = await openDatabase(console.log);
  try {
    console.log(database.description);
    await migrate({ ownerUrl: database.ownerUrl, appUrl: database.appUrl, log: console.log });
  } finally {
    await database.stop();
  }
});
