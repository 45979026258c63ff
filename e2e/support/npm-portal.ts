import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findFreePort, waitFor } from "@openhouse/pool-testing";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What was started through npm: npm, and what it runs below it. */
export interface NpmProcess {
  /** Everything that npm and what it runs have written so far. */
  output(): string;
  /** Whether its log has a line of this event. */
  logged(event: string): boolean;
  /** `npm`: to npm's process alone, as `kill` and `docker stop` do. `group`: to npm and what it runs, as Ctrl-C and systemd do. */
  signal(signal: NodeJS.Signals, to: "npm" | "group"): void;
  /** Of npm: what a supervisor sees. */
  readonly ended: Promise<End>;
  /** Whether npm or anything below it still runs. */
  lives(): boolean;
  /** Kills what is left of it. */
  kill(): Promise<void>;
}

/** A built portal that was started as in production, with `npm start`: npm, and Next below it. */
export interface NpmPortal extends NpmProcess {
  readonly url: string;
}

/** Runs npm at the root of the checkout, in production. */
export function spawnNpm(args: readonly string[], settings: Record<string, string>): NpmProcess {
  const child = spawn("npm", args, {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "production", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a process group of its own
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("npm cannot be run");
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  const ended = new Promise<End>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  const lives = () => {
    try {
      return process.kill(-pid, 0);
    } catch {
      return false;
    }
  };
  return {
    output: () => text,
    logged: (event) => text.includes(`"event":"${event}"`),
    signal: (signal, to) => process.kill(to === "npm" ? pid : -pid, signal),
    ended,
    lives,
    async kill() {
      if (lives()) process.kill(-pid, "SIGKILL");
      await ended;
    },
  };
}

/** Starts a built portal and waits until it is ready. @param port a free one by default. */
export async function startThroughNpm(
  workspace: string,
  settings: Record<string, string>,
  port?: number,
): Promise<NpmPortal> {
  const ownPort = port ?? (await findFreePort());
  const url = `http://127.0.0.1:${ownPort}`;
  const started = spawnNpm(["start", "--workspace", `apps/${workspace}`], {
    PORT: String(ownPort),
    ...settings,
  });
  try {
    const ready = async () => !started.lives() || (await fetch(`${url}/api/health/ready`)).status === 200;
    await waitFor(ready, { timeoutMs: 60_000, what: `${workspace} to be ready` });
    if (!started.lives()) throw new Error("it ended");
  } catch (cause) {
    await started.kill();
    throw new Error(`${workspace} did not start (is it built? npm run build):\n${started.output()}`, {
      cause,
    });
  }
  return { ...started, url };
}
