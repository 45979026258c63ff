import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as root from "@openhouse/pool";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(join(repositoryRoot(), path), "utf8");
const manifest = JSON.parse(read("packages/pool/package.json"));

test("llms.txt names all entry points, and of each what it exports", async () => {
  const lines = [...read("packages/pool/llms.txt").matchAll(/^- `(@openhouse\/pool[\w/]*)`: (.+)$/gm)];
  expect(lines.map(([, entry = ""]) => entry.replace("@openhouse/pool", ".")).sort()).toEqual(
    Object.keys(manifest.exports).sort(),
  );
  for (const [, entry = "", list = ""] of lines) {
    const exported = Object.keys(await import(entry));
    const names = [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(exported).toEqual(expect.arrayContaining(names));
  }
});

test("llms.txt names options and error codes that there are, and the supported versions of the manifest", () => {
  const text = read("packages/pool/llms.txt");
  const options = Object.keys(
    root.resolveConfig({ connectionString: "postgres://user:password@localhost:5432/none" }),
  );
  expect(options).toEqual(
    expect.arrayContaining(["queryTimeoutMs", "maxWaiting", "connectionTimeoutMillis", "max"]),
  );
  for (const option of text.match(/`(\w+(?:Ms|Millis|Waiting))`/g) ?? [])
    expect(options).toContain(option.slice(1, -1));
  const source = read("packages/pool/src/errors/errors.ts");
  for (const code of text.match(/`([A-Z]+_[A-Z_]+)`/g) ?? [])
    expect(source).toContain(`| "${code.slice(1, -1)}"`);
  expect(manifest.engines.node).toBe(">=20.19");
  expect(manifest.peerDependencies.pg).toBe(">=8.21.0 <9");
  expect(manifest.peerDependencies["drizzle-orm"]).toMatch(/^>=0\.45\.4 /);
});

test("the workflow that publishes asks for provenance and for what signs it, and runs commands and tests that there are", () => {
  const workflow = read(".github/workflows/publish.yml");
  expect(workflow).toContain("id-token: write");
  expect(workflow).toMatch(/npm publish --provenance/);
  expect(workflow).not.toMatch(/NODE_AUTH_TOKEN|secrets\./);
  const { scripts } = JSON.parse(read("package.json"));
  for (const [, name = ""] of workflow.matchAll(/npm run (?:--silent )?([\w:]+)/g))
    expect(scripts).toHaveProperty([name]);
  for (const [path] of workflow.matchAll(/[\w/-]+\.test\.ts/g))
    expect(existsSync(join(repositoryRoot(), path))).toBe(true);
  expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
  expect(manifest.files).toContain("llms.txt");
});
