import { existsSync } from "node:fs";
import { createRequire, register } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Found upwards, because the processes that measure run this compiled, from another place. */
function findPackage(): URL {
  for (let directory = new URL(".", import.meta.url); ; directory = new URL("..", directory)) {
    const manifest = new URL("peers/package.json", directory);
    if (existsSync(manifest)) return manifest;
    if (directory.pathname === "/") throw new Error("bench/peers/package.json is missing");
  }
}

const PACKAGE = findPackage();
/** What `prisma generate` writes, as JavaScript; the last thing to come into place. */
const GENERATED = new URL("node_modules/.openhouse-bench/client.mjs", PACKAGE);

export const PEERS_DIRECTORY = fileURLToPath(new URL(".", PACKAGE));

export function peerIsInstalled(name: "postgres" | "prisma"): boolean {
  const place = name === "prisma" ? GENERATED : new URL("node_modules/postgres/package.json", PACKAGE);
  return existsSync(place);
}

/** The version that the bench's own package has installed. */
export function peerVersion(name: string): string | undefined {
  try {
    const manifest: { version: string } = createRequire(PACKAGE)(`./node_modules/${name}/package.json`);
    return manifest.version;
  } catch {
    return undefined;
  }
}

/**
 * Imports a library of the bench's own package, and lets Drizzle, which the repository has, find it too.
 * The type parameter says what the bench uses of it: its types are not where the compiler looks.
 */
export async function importPeer<T>(name: string): Promise<T> {
  register(new URL("../clients/peer-hooks.mjs", PACKAGE), {
    data: { name, parentURL: PACKAGE.href },
  });
  return (await import(name)) as T;
}

export async function importGeneratedPrisma<T>(): Promise<T> {
  return (await import(GENERATED.href)) as T;
}

export async function importPrismaAdapter<T>(): Promise<T> {
  const path = createRequire(PACKAGE).resolve("@prisma/adapter-pg");
  return (await import(pathToFileURL(path).href)) as T;
}
