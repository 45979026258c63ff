import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";

interface Manifest {
  readonly name: string;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Builds @openhouse/pool and packs what is published of it. @returns the tarball's path, in `directory`. */
export function packPool(directory: string): string {
  return packPackage("packages/pool", directory);
}

/** The same of @openhouse/pool-testing. */
export function packTesting(directory: string): string {
  return packPackage("packages/testing", directory);
}

function packPackage(folder: string, directory: string): string {
  const root = repositoryRoot();
  const source = join(root, folder);
  const manifest: Manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  execFileSync("npm", ["run", "--silent", "build", "--workspace", manifest.name], {
    cwd: root,
    stdio: ["ignore", 2, 2], // what this program prints is the tarball's path
  });
  const staged = mkdtempSync(join(tmpdir(), "pack-pool-"));
  try {
    for (const name of new Set([...manifest.files, "README.md"]))
      cpSync(join(source, name), join(staged, name), { recursive: true });
    cpSync(join(root, "LICENSE"), join(staged, "LICENSE"));
    writeFileSync(join(staged, "package.json"), JSON.stringify(published(manifest), null, 2));
    const args = ["pack", "--silent", "--pack-destination", directory];
    return join(directory, execFileSync("npm", args, { cwd: staged, encoding: "utf8" }).trim());
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** The workspace's own manifest names sources, so that nothing here needs a build. */
function published({ exports, private: _, scripts, devDependencies, ...rest }: Manifest): object {
  const built = Object.entries(exports).map(([entry, source]) => {
    const base = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
    return { entry, types: `${base}.d.ts`, default: `${base}.js` };
  });
  const [root, ...others] = built;
  return {
    ...rest,
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
