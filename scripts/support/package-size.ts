import { execFileSync } from "node:child_process";
import { readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { build } from "rolldown";

/** One figure of what is published, and what it may be. */
export interface Size {
  readonly what: string;
  readonly found: number;
  readonly atMost: number;
}

const BYTES_PER_KB = 1_000;

/**
 * How much of it there is. The limits of what is bundled are a kilobyte above what there was when they were set, of the tarball a twentieth
 * of it: who needs more says so here.
 *
 * @param directory an empty one, into which the tarball is unpacked.
 */
export async function packageSizes(tarball: string, directory: string): Promise<Size[]> {
  execFileSync("tar", ["-xzf", tarball, "-C", directory]);
  const root = join(directory, "package");
  symlinkSync(join(repositoryRoot(), "node_modules"), join(directory, "node_modules"), "dir"); // pg's
  const published = readdirSync(root, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  const bundled = (what: string) => bundledKb(`export { ${what} } from "./dist/index.js"`, root);
  return [
    { what: "kB, packed", found: kb(statSync(tarball).size), atMost: 498 },
    { what: "files", found: published.length, atMost: 553 },
    {
      what: "files that Node reads: an entry point each, and one that they share",
      found: published.filter(({ name }) => name.endsWith(".js")).length,
      atMost: 7,
    },
    {
      what: "of Node's own modules that `.` has it load beside pg's",
      found: modulesBesidePg(root),
      atMost: 1,
    },
    {
      what: "kB of an application that bundles `Pool`, minified, without pg",
      found: await bundled("Pool"),
      atMost: 143,
    },
    { what: "kB of one that bundles `Client`", found: await bundled("Client"), atMost: 64 },
    { what: "kB of one that bundles `classifyError`", found: await bundled("classifyError"), atMost: 10 },
  ];
}

function modulesBesidePg(root: string): number {
  const program = `await import("pg");
    const before = process.moduleLoadList.length;
    await import("./dist/index.js");
    console.log(process.moduleLoadList.length - before);`;
  const flags = ["--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" }));
}

async function bundledKb(program: string, root: string): Promise<number> {
  const entry = join(root, "application.js");
  const { output } = await build({
    input: entry,
    platform: "node",
    external: /^[^./]/,
    logLevel: "warn",
    write: false,
    output: { minify: true, comments: false },
    plugins: [
      {
        name: "application",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
  });
  return kb(
    output.reduce((sum, file) => sum + (file.type === "chunk" ? Buffer.byteLength(file.code) : 0), 0),
  );
}

function kb(bytes: number): number {
  return Math.round(bytes / BYTES_PER_KB);
}
