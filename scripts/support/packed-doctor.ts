import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { packBuilt, packPool } from "./packed-pool.ts";

/**
 * Builds @openhouse/doctor against the pool as it is published, and packs both: the doctor depends on the pool.
 *
 * @returns the tarballs' paths, in `directory`.
 */
export function packDoctor(directory: string): { readonly pool: string; readonly doctor: string } {
  const pool = packPool(directory);
  const folder = join(repositoryRoot(), "packages/doctor");
  const dist = join(folder, "dist");
  rmSync(dist, { recursive: true, force: true });
  const tsc = join(repositoryRoot(), "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", join(folder, "tsconfig.build.json")], { stdio: "inherit" });
  // The sources' first line has tsx read them.
  const program = join(dist, "cli.js");
  writeFileSync(program, readFileSync(program, "utf8").replace(/^#!.*/, "#!/usr/bin/env node"));
  return { pool, doctor: packBuilt("doctor", directory) };
}
