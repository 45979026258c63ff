import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { CallSite } from "../src/telemetry/call-site.ts";

const SOURCE = fileURLToPath(new URL("../src/telemetry/call-site.ts", import.meta.url));

function asked(): CallSite {
  return new CallSite();
}

test("a place is the function, file and line that asked", () => {
  expect(asked().location).toMatch(/^asked \(.*call-site\.test\.ts:\d+:\d+\)$/);
});

test("in a bundle without source maps no place is told: its frames are the pool's own as likely as the application's", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const file = join(folder, "app.ts");
  writeFileSync(
    file,
    `${readFileSync(SOURCE, "utf8")}
export function innards() { return new CallSite().location; }`,
  );
  const bundle: unknown = await import(pathToFileURL(file).href);
  rmSync(folder, { recursive: true });
  const innards: unknown = Reflect.get(bundle as object, "innards");
  expect(typeof innards === "function" && innards()).toBeUndefined();
});
