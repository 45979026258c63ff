import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DIRECTORY = fileURLToPath(new URL("../results/", import.meta.url));

/** Writes a file of loadtest/results/. @returns where it lies. */
export function writeResult(name: string, content: string): string {
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(DIRECTORY + name, content);
  return DIRECTORY + name;
}

/** Of an earlier run; undefined where there is none. */
export function readResult<T>(name: string): T | undefined {
  return existsSync(DIRECTORY + name) ? JSON.parse(readFileSync(DIRECTORY + name, "utf8")) : undefined;
}

export function resultPath(name: string): string {
  mkdirSync(DIRECTORY, { recursive: true });
  return DIRECTORY + name;
}
