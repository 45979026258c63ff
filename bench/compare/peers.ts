import { spawn } from "node:child_process";
import { join } from "node:path";
import { PEERS_DIRECTORY, peerIsInstalled } from "../clients/peer.ts";
import { compileGenerated } from "./compile.ts";

const GENERATED = join(PEERS_DIRECTORY, "node_modules/.openhouse-bench/client");

/** By peer, why it cannot take part. */
export type MissingPeers = Readonly<Partial<Record<"postgres" | "prisma", string>>>;

export type PeersWish = "install" | "those installed" | "none";

/**
 * Installs the libraries that only the bench needs, into a package of their own, so that `npm ci` of the repository is
 * none the slower. Says on screen what happens; what cannot be installed is left out with its reason.
 */
export async function ensurePeers(wish: PeersWish): Promise<MissingPeers> {
  const missing: { postgres?: string; prisma?: string } = {};
  if (wish === "none") return { postgres: "--no-peers", prisma: "--no-peers" };
  if (wish === "those installed") {
    const reason = "not installed: `npm run bench -- --install` does";
    for (const name of ["postgres", "prisma"] as const) if (!peerIsInstalled(name)) missing[name] = reason;
    return missing;
  }
  if (!peerIsInstalled("postgres") || !peerIsInstalled("prisma")) {
    console.log("Installing the peers into bench/peers (once; about 300 MB, most of it Prisma)");
    // Without scripts: Prisma's would download engines that the bench does not use.
    const failure = await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    if (failure !== undefined && !peerIsInstalled("postgres"))
      return { postgres: `npm ci failed: ${failure}`, prisma: `npm ci failed: ${failure}` };
  }
  if (!peerIsInstalled("prisma")) {
    console.log("Generating Prisma's client");
    const failure = await run("npx", ["--no-install", "prisma", "generate", "--schema", "schema.prisma"], {
      // Generating needs no schema engine, and would download one from a server of Prisma's unless it is told of one.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    });
    if (failure === undefined) await compileGenerated(`${GENERATED}.ts`, `${GENERATED}.mjs`);
    if (!peerIsInstalled("prisma"))
      missing.prisma = `prisma generate failed: ${failure ?? "nothing was written"}`;
  }
  return missing;
}

/** Runs a program that shows what it does. @returns why it failed. */
function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: PEERS_DIRECTORY,
      env: { ...process.env, npm_config_loglevel: "notice", ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? undefined : `it ended with ${code}, see above`));
  });
}
