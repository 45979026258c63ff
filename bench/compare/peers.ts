import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { PEERS_DIRECTORY, peerIsInstalled } from "../clients/peer.ts";
import { compileGenerated } from "./compile.ts";

const GENERATED = join(PEERS_DIRECTORY, "node_modules/.openhouse-bench/client");
const NAMES = ["postgres", "prisma"] as const;

/** By peer, why it cannot take part. */
export type MissingPeers = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

/**
 * Installs the libraries that only the bench needs, into a package of their own, so that `npm ci` of the repository is
 * none the slower. Says on screen what happens; what cannot be installed is left out with its reason.
 */
export async function ensurePeers(wish: "install" | "those installed" | "none"): Promise<MissingPeers> {
  const missing = (reasonOf: (name: string) => string): MissingPeers =>
    Object.fromEntries(NAMES.flatMap((name) => (peerIsInstalled(name) ? [] : [[name, reasonOf(name)]])));
  if (wish === "none") return { postgres: "--no-peers", prisma: "--no-peers" };
  if (wish === "those installed") return missing(() => "not installed: `npm run bench -- --install` does");
  if (Object.keys(missing(String)).length === 0) return {};

  console.log("Installing the peers into bench/peers (once; about 300 MB, most of it Prisma)");
  // Without scripts: Prisma's would download engines that the bench does not use.
  const failures: Record<string, string | undefined> = {
    postgres: run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
  };
  if (failures.postgres === undefined) {
    console.log("Generating Prisma's client");
    failures.prisma = run("npx", ["--no-install", "prisma", "generate", "--schema", "schema.prisma"]);
    if (failures.prisma === undefined) await compileGenerated(`${GENERATED}.ts`, `${GENERATED}.mjs`);
  }
  return missing(
    (name) => `it could not be installed: ${failures[name] ?? failures.postgres ?? "see above"}`,
  );
}

/** Runs a program that shows what it does. @returns why it failed. */
function run(command: string, args: readonly string[]): string | undefined {
  const env = {
    ...process.env,
    npm_config_loglevel: "notice",
    // Generating needs no schema engine, and would download one from a server of Prisma's unless it is told of one.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  };
  const { status, error } = spawnSync(command, args, {
    cwd: PEERS_DIRECTORY,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return status === 0 ? undefined : `${command} ${args[0]}: ${error?.message ?? `it ended with ${status}`}`;
}
