import { existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RESULTS } from "./results.ts";

const PREFIX = "worker-";

/** What we use of esbuild. */
interface Esbuild {
  build(options: object): Promise<unknown>;
}

/**
 * Makes plain JavaScript of the process that measures, and of our packages in it. Under tsx each function that is made
 * is given its name anew (`keepNames`), which costs our TypeScript many times what its work does, and costs the
 * peers, who come as JavaScript, nothing. In production a bundler does this too.
 *
 * @returns the program, in a directory of this process under bench/results.
 */
export async function compileWorker(): Promise<string> {
  const directory = join(RESULTS.path, PREFIX + process.pid);
  await compile({
    entryPoints: [fileURLToPath(new URL("./worker.ts", import.meta.url))],
    outdir: directory,
    splitting: true,
    sourcemap: true, // for profiles; Node reads it for nothing else
    plugins: [{ name: "only ours", setup: bundleOnlyOurs }],
  });
  return join(directory, "worker.mjs");
}

/** Removes what this process has compiled, and what those left that were killed. */
export function removeCompiled(): void {
  if (!existsSync(RESULTS.path)) return;
  for (const name of readdirSync(RESULTS.path).filter((each) => each.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length));
    if (pid === process.pid || !isAlive(pid))
      rmSync(join(RESULTS.path, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Makes one JavaScript file of a generated client. */
export async function compileGenerated(from: string, to: string): Promise<void> {
  await compile({ entryPoints: [from], outfile: to, packages: "external" });
}

async function compile(options: object): Promise<void> {
  // tsx brings it: the compiler is the same, its settings are ours.
  const { build }: Esbuild = createRequire(createRequire(import.meta.url).resolve("tsx/package.json"))(
    "esbuild",
  );
  await build({
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outExtension: { ".js": ".mjs" },
    logLevel: "warning",
    ...options,
  });
}

interface Bundler {
  onResolve(
    options: { filter: RegExp },
    resolve: (request: { path: string }) => { external: true } | undefined,
  ): void;
}

/** Peers stay as they are installed. */
function bundleOnlyOurs({ onResolve }: Bundler): void {
  onResolve({ filter: /^[^./]/ }, ({ path }) =>
    path.startsWith("@openhouse/") ? undefined : { external: true },
  );
}
