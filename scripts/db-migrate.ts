import { migrate } from "@openhouse/db/migrate";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { openDatabase } from "./support/database.ts";

const USAGE = `npm run db:migrate -- [--drop-previous-key]
  Brings the database of DATABASE_URL, or the embedded one, up to date.
  --drop-previous-key  from now on TENANT_SIGNING_KEY alone is valid`;

await main(async () => {
  const { values } = readArguments(USAGE, { options: { "drop-previous-key": { type: "boolean" } } });
  const database = await openDatabase(console.log);
  try {
    console.log(database.description);
    const { ownerUrl, appUrl } = database;
    await migrate({ ownerUrl, appUrl, log: console.log, dropPreviousKey: values["drop-previous-key"] });
  } finally {
    await database.stop();
  }
});
