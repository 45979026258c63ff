// Writes the tables of the last runs, as loadtest/results has them, into the manual: npm run loadtest:docs
import { refuseArguments } from "../scripts/support/arguments.ts";
import { main } from "../scripts/support/main.ts";
import { writeDocs } from "./report/docs.ts";

await main(async () => {
  refuseArguments(
    "npm run loadtest:docs\n  Writes the tables of the last runs, as loadtest/results has them, into the manual.",
  );
  console.log(`written: ${writeDocs()}`);
  return 0;
});
