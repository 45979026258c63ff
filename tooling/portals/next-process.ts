import { createRequire } from "node:module";
import { join } from "node:path";
import { type GuardedProcess, spawnGuarded } from "@openhouse/pool-testing";
import { relay } from "../cli/screen.ts";
import type { Portal } from "./portals.ts";

/**
 * Runs Next's program in a portal's directory: directly, as npm in between would keep signals to itself,
 * and guarded, so that it ends with us.
 */
export async function runNext(
  portal: Portal,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<GuardedProcess> {
  const program = createRequire(join(portal.directory, "package.json")).resolve("next/dist/bin/next");
  const isStart = args[0] === "start";
  const next = await spawnGuarded({
    command: process.execPath,
    // As in the portals' own `npm start`.
    args: [...(isStart ? ["--import", "@openhouse/web/json-start"] : []), program, ...args],
    signal: "TERM",
    cwd: portal.directory,
    env: { NEXT_TELEMETRY_DISABLED: "1", ...env },
    output: "pipe",
  });
  relay(next.output, say);
  return next;
}
