import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { repositoryRoot, startEmbeddedPostgres } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";

/** The next major version, beside the one in the lockfile. */
const NEXT = "1.0.0-rc.5";
const USAGE = `npm run test:drizzle-next -- [VERSION]
  VERSION       of drizzle-orm, out of the registry [${NEXT}]`;

const TESTS = "packages/pool/test";

/** Runs the pool's tests that use Drizzle on a copy of the pool, over another version of Drizzle. Touches no lockfile. */
await main(async () => {
  const version = readVersion();
  const root = repositoryRoot();
  const copy = mkdtempSync(join(tmpdir(), "drizzle-next-"));
  try {
    makeCopy(root, copy, version);
    const tests = testsOverDrizzle(copy);
    console.log(`drizzle-orm ${version}: ${tests.length} test files\n`);
    const server = await startEmbeddedPostgres({
      name: "drizzle-next",
      temporary: true,
      settings: { max_connections: "200" },
    });
    try {
      return await run(copy, tests, server.url);
    } finally {
      await server.stop("immediate");
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

function readVersion(): string {
  const { positionals } = readArguments(USAGE, { allowPositionals: true });
  const [version = NEXT, ...rest] = positionals;
  if (/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version) && rest.length === 0) return version;
  throw new UserError(`"${positionals.join(" ")}" is no version of drizzle-orm\n${USAGE}`);
}

/** The pool's sources, with every package of the checkout but Drizzle, which is installed into the copy. */
function makeCopy(root: string, copy: string, version: string): void {
  const manifest = { name: "drizzle-next", private: true, type: "module", workspaces: [] };
  writeFileSync(join(copy, "package.json"), JSON.stringify(manifest));
  for (const name of ["packages/pool", "packages/testing"]) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (source) => basename(source) !== "node_modules",
    });
  }
  const packages = join(copy, "node_modules");
  mkdirSync(join(packages, "@openhouse"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name === "drizzle-orm" || name === "@openhouse" || name.startsWith(".")) continue;
    symlinkSync(join(root, "node_modules", name), join(packages, name));
  }
  symlinkSync(join(copy, "packages/pool"), join(packages, "@openhouse/pool"));
  symlinkSync(join(copy, "packages/testing"), join(packages, "@openhouse/pool-testing"));

  const installed = join(copy, "install");
  mkdirSync(installed);
  writeFileSync(join(installed, "package.json"), "{}");
  const flags = [
    "--no-save",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--legacy-peer-deps",
  ];
  execFileSync("npm", ["install", ...flags, `drizzle-orm@${version}`], { cwd: installed, stdio: "inherit" });
  // Moved, not linked: it must find the same pg as the pool does.
  renameSync(join(installed, "node_modules/drizzle-orm"), join(packages, "drizzle-orm"));
}

/** Test files that use Drizzle, by themselves or through what they import of their support. */
function testsOverDrizzle(copy: string): string[] {
  const files = [TESTS, `${TESTS}/faults`].flatMap((directory) =>
    readdirSync(join(copy, directory)).map((name) => `${directory}/${name}`),
  );
  return files.filter((file) => file.endsWith(".test.ts") && usesDrizzle(join(copy, file)));
}

function usesDrizzle(file: string): boolean {
  const text = readFileSync(file, "utf8");
  if (text.includes('"drizzle-orm')) return true;
  const support = [...text.matchAll(/["'](\.\/support\/[\w-]+\.ts)["']/g)].flatMap(([, path]) => path ?? []);
  return support.some((path) => usesDrizzle(join(dirname(file), path)));
}

async function run(copy: string, tests: readonly string[], serverUrl: string): Promise<number> {
  const vitest = join(copy, "node_modules/vitest/vitest.mjs");
  const limits = ["--testTimeout=30000", "--hookTimeout=60000"];
  const child = spawn(process.execPath, [vitest, "run", "--root", copy, ...limits, ...tests], {
    cwd: copy,
    stdio: "inherit",
    env: { ...process.env, TEST_DATABASE_URL: serverUrl },
  });
  const [code] = await once(child, "exit");
  return code ?? 1;
}
