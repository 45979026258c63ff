import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

let directory = fileURLToPath(new URL("../results/", import.meta.url));

/** Has results put there, in the place of loadtest/results. */
export function useResultsDirectory(path: string): void {
  directory = resolve(path);
}

/** @returns where it lies. */
export function writeResult(name: string, content: string): string {
  const path = resultPath(name);
  writeFileSync(path, content);
  return path;
}

/** Of an earlier run; undefined where there is none. */
export function readResult<T>(name: string): T | undefined {
  const path = join(directory, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

export function resultPath(name: string): string {
  mkdirSync(directory, { recursive: true });
  return join(directory, name);
}
