import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "../../src");
const SPECIFIER = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

/** Every file that one imports, types counted, and every package: a file by its folder. */
function reachable(file: string, seen = new Set<string>(), found = new Set<string>()): Set<string> {
  if (seen.has(file)) return found;
  seen.add(file);
  found.add(relative(SOURCES, dirname(file)) || "(root)");
  for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(SPECIFIER)) {
    if (specifier.startsWith(".")) reachable(join(dirname(file), specifier), seen, found);
    else if (!specifier.startsWith("node:")) found.add(specifier);
  }
  return found;
}

test("the single client shares settings, errors, telemetry and the queue with the pool, and nothing else", () => {
  const found = reachable(join(SOURCES, "single-client/single-client-pool.ts"));
  expect([...found].sort()).toEqual(["config", "errors", "pg", "queue", "single-client", "telemetry"]);
});
