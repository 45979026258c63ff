// Writes the tables of the last runs, as loadtest/results has them, into docs/load-tests.md: npm run loadtest:docs
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { writeDocs } from "./report/docs.ts";

await main(async () => {
  refuseArguments(
    "npm run loadtest:docs\n  Writes the tables of the last runs, as loadtest/results has them, into docs/load-tests.md.",
  );
  console.log(`written: ${writeDocs()}`);
  return 0;
});
