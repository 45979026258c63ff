import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";

interface Manifest {
  readonly name: string;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Builds @openhouse/pool and packs what is published of it. @returns the tarball's path, in `directory`. */
export function packPool(directory: string): string {
  build("@openhouse/pool");
  return packBuilt("pool", directory);
}

/** The same of @openhouse/pool-testing. */
export function packTesting(directory: string): string {
  build("@openhouse/pool-testing");
  return packBuilt("testing", directory);
}

function build(name: string): void {
  const stdio = ["ignore", 2, 2] as const; // what a program prints that packs is the tarball's path
  execFileSync("npm", ["run", "--silent", "build", "--workspace", name], {
    cwd: repositoryRoot(),
    stdio: [...stdio],
  });
}

/** Packs what was built of a package into `dist`. @returns the tarball's path, in `directory`. */
export function packBuilt(folder: string, directory: string): string {
  const root = repositoryRoot();
  const source = join(root, "packages", folder);
  const manifest: Manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const staged = mkdtempSync(join(tmpdir(), `pack-${folder}-`));
  try {
    for (const file of new Set([...manifest.files, "README.md"]))
      cpSync(join(source, file), join(staged, file), { recursive: true });
    cpSync(join(root, "LICENSE"), join(staged, "LICENSE"));
    writeFileSync(join(staged, "package.json"), JSON.stringify(published(manifest), null, 2));
    const args = ["pack", "--silent", "--pack-destination", directory];
    return join(directory, execFileSync("npm", args, { cwd: staged, encoding: "utf8" }).trim());
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** The workspace's own manifest names sources, so that nothing here needs a build. */
function published({ exports, bin, private: _, scripts, devDependencies, ...rest }: Manifest): object {
  const built = Object.entries(exports).map(([entry, source]) => ({
    entry,
    types: `${builtOf(source)}.d.ts`,
    default: `${builtOf(source)}.js`,
  }));
  const [root, ...others] = built;
  const programs = Object.entries(bin ?? {}).map(([name, source]) => [name, `${builtOf(source)}.js`]);
  return {
    ...rest,
    ...(programs.length > 0 && { bin: Object.fromEntries(programs) }),
    exports: {
      ...Object.fromEntries(built.map(({ entry, ...files }) => [entry, files])),
      "./package.json": "./package.json",
    },
    // For `moduleResolution: node10`, which does not read `exports`.
    main: root?.default,
    types: root?.types,
    ...(others.length > 0 && {
      typesVersions: { "*": Object.fromEntries(others.map(({ entry, types }) => [entry.slice(2), [types]])) },
    }),
  };
}

/** Without what stands behind the last point. */
function builtOf(source: string): string {
  return source.replace("./src/", "./dist/").replace(/\.ts$/, "");
}
