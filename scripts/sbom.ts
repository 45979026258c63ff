import { repositoryRoot } from "@openhouse/pool-testing";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { billOfMaterials } from "./support/bill-of-materials.ts";

await main(async () => {
  refuseArguments(
    "npm run --silent sbom\n  Prints what the portals run on, CycloneDX 1.5 in JSON: each package with version, licence and hash.",
  );
  console.log(JSON.stringify(billOfMaterials(repositoryRoot()), null, 2));
});
