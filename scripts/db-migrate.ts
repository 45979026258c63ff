import { migrate } from "@openhouse/db/migrate";
import { openDatabase } from "./support/database.ts";
import { main } from "./support/main.ts";

await main(async () => {
  const database = await openDatabase(console.log);
  try {
    console.log(database.description);
    await migrate({ ownerUrl: database.ownerUrl, appUrl: database.appUrl, log: console.log });
  } finally {
    await database.stop();
  }
});
