import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";

/** The repository's files, new ones included, as paths from its root. */
export function trackedFiles(): string[] {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const paths = execFileSync("git", list, { cwd: repositoryRoot(), encoding: "utf8" }).split("\0");
  return [...new Set(paths)].filter((path) => path !== "" && existsSync(join(repositoryRoot(), path)));
}
