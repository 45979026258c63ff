import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "@openhouse/pool-testing";

interface Published {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

/** As the workspace has it. */
export function manifestOf(folder: string): Published {
  return JSON.parse(readFileSync(join(repositoryRoot(), "packages", folder, "package.json"), "utf8"));
}

/**
 * The tarballs of what is published, by the folder of `packages` that each comes from: those that are about to be published, where
 * PACKED_PACKAGES names the directory that `npm run pack:packages` has made; else what `script` makes.
 *
 * @param directory where the script puts them.
 */
export async function packed(
  script: "pack-pool" | "pack-doctor" | "pack-packages",
  directory: string,
): Promise<(folder: "pool" | "testing" | "doctor") => string> {
  const { PACKED_PACKAGES } = process.env;
  if (PACKED_PACKAGES === undefined) {
    const packing = ["--import", "tsx", `scripts/${script}.ts`, directory];
    await promisify(execFile)(process.execPath, packing, { cwd: repositoryRoot() });
  }
  return (folder) => {
    const { name, version } = manifestOf(folder);
    return resolve(PACKED_PACKAGES ?? directory, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  };
}
