import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DIRECTORY = fileURLToPath(new URL("../results/", import.meta.url));

/** Writes a file of bench/results/. @returns where it lies. */
export function writeResult(name: string, content: string): string {
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(DIRECTORY + name, content);
  return DIRECTORY + name;
}
