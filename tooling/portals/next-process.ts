import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type GuardedProcess, spawnGuarded } from "@openhouse/pool-testing";
import { relay } from "../cli/screen.ts";
import type { Portal } from "./portals.ts";

const PRIMARY = fileURLToPath(new URL("./workers/primary.ts", import.meta.url));

/**
 * Runs Next's program in a portal's directory: directly, as npm in between would keep signals to itself,
 * and guarded, so that it ends with us.
 *
 * @param workerPorts `next start` runs in a process for each, which share its address and have this one besides.
 */
export async function runNext(
  portal: Portal,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
  workerPorts: readonly number[] = [],
): Promise<GuardedProcess> {
  const program = createRequire(join(portal.directory, "package.json")).resolve("next/dist/bin/next");
  const next = await spawnGuarded({
    command: process.execPath,
    args: nodeArguments(program, args, workerPorts),
    signal: "TERM",
    cwd: portal.directory,
    env: { NEXT_TELEMETRY_DISABLED: "1", ...env },
    output: "pipe",
  });
  relay(next.output, say);
  return next;
}

function nodeArguments(program: string, args: readonly string[], workerPorts: readonly number[]): string[] {
  if (workerPorts.length > 0) return ["--import", "tsx", PRIMARY, workerPorts.join(), program, ...args];
  // As in the portals' own `npm start`.
  const inFront = args[0] === "start" ? ["--import", "@openhouse/web/json-start"] : [];
  return [...inFront, program, ...args];
}
