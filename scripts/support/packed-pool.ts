import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Builds @openhouse/pool and packs what is published of it. @returns the tarball's path, in `directory`. */
export function packPool(directory: string): string {
  execFileSync("npm", ["run", "--silent", "build", "--workspace", "@openhouse/pool"], {
    cwd: repositoryRoot(),
    stdio: "inherit",
  });
  return packBuilt("pool", ["dist", "src", "README.md", "CHANGELOG.md", "llms.txt"], directory);
}

/** Packs what was built of a package into `dist`. @returns the tarball's path, in `directory`. */
export function packBuilt(name: string, files: readonly string[], directory: string): string {
  const root = repositoryRoot();
  const source = join(root, "packages", name);
  const staged = mkdtempSync(join(tmpdir(), `pack-${name}-`));
  try {
    for (const file of files) cpSync(join(source, file), join(staged, file), { recursive: true });
    cpSync(join(root, "LICENSE"), join(staged, "LICENSE"));
    const manifest: Manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
    writeFileSync(join(staged, "package.json"), JSON.stringify(published(manifest), null, 2));
    const args = ["pack", "--silent", "--pack-destination", directory];
    return join(directory, execFileSync("npm", args, { cwd: staged, encoding: "utf8" }).trim());
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** The workspace's own manifest names sources, so that the portals need no build of the pool. */
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
