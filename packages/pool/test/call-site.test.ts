import { execFileSync } from "node:child_process";
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

test("in a bundle with source maps a place is the sources' file and line, without the bundle's name of a function", () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const file = join(folder, "app.ts");
  writeFileSync(
    file,
    `${readFileSync(SOURCE, "utf8")}
const a = { s: () => new CallSite().location };
console.log(a.s());`,
  );
  const args = ["--enable-source-maps", "--import", "tsx", file];
  const said = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  const { length } = readFileSync(SOURCE, "utf8").split("\n");
  expect(said).toMatch(new RegExp(`^/.*app\\.ts:${length + 1}:\\d+\n$`));
});
