import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packageSizes, type Size } from "./support/package-size.ts";
import { packPool } from "./support/packed-pool.ts";

const USAGE = `npm run check:package
  Packs @openhouse/pool, has publint and Are the types wrong? look at what would be published, and says how much it is.`;

/** `require` of an ES module works on every Node that is supported, which the second does not know. */
const ALLOWED = "CJSResolvesToESM";

await main(async () => {
  refuseArguments(USAGE);
  const directory = mkdtempSync(join(tmpdir(), "check-package-"));
  try {
    const path = packPool(directory);
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    const tarball = new Uint8Array(buffer, byteOffset, byteLength);
    const sizes = await packageSizes(path, directory);
    for (const { found, what, atMost } of sizes) console.log(`${found} ${what} (at most ${atMost})`);
    const found = [
      ...(await manifestProblems(tarball)),
      ...(await typeProblems(tarball)),
      ...sizes.filter(({ found, atMost }) => found > atMost).map(sizeProblem),
    ];
    for (const problem of found) console.error(problem);
    if (found.length === 0) console.log("publint and attw have nothing to say of @openhouse/pool's tarball.");
    return found.length === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

async function manifestProblems(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: "package", pack: { tarball: tarball.slice().buffer } });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}

async function typeProblems(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(tarball));
  if (!result.types) return ["attw: it has no types"];
  return result.problems
    .filter(({ kind }) => kind !== ALLOWED)
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}

function sizeProblem({ found, what, atMost }: Size): string {
  return `size: ${found} ${what}, and may be ${atMost} (scripts/support/package-size.ts)`;
}
