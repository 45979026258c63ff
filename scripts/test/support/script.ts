import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultBaseDirectory, makeOpenDirectory, repositoryRoot, waitFor } from "@openhouse/pool-testing";

/** A script of this repository as a process, started as npm would. */
export interface Script {
  readonly pid: number;
  /** All that it has printed. */
  readonly output: () => string;
  /** Its exit code; `null` when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Waits until it has printed this. Fails with its output when it ends without, or after `timeoutMs`. */
  says(text: string, timeoutMs?: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

const running = new Set<ChildProcess>();

/** Nothing of the developer's own settings gets in: an empty variable hides the one in `.env`. */
export function runScript(
  name: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Script {
  const child = spawn(process.execPath, ["--import", "tsx", `scripts/${name}.ts`, ...args], {
    cwd: repositoryRoot(),
    env: {
      ...process.env,
      NODE_ENV: "development",
      DATABASE_URL: "",
      DATABASE_URL_OWNER: "",
      AUTH_SECRET: "",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      printed += String(chunk);
    });
  }
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      hasEnded = true;
      running.delete(child);
      resolve(code);
    });
  });
  return {
    pid: child.pid ?? 0,
    output: () => printed,
    ended,
    async says(text, timeoutMs = 60_000) {
      const what = `${name} to say "${text}"`;
      await waitFor(() => printed.includes(text) || hasEnded, { timeoutMs, what }).catch((error: Error) => {
        throw new Error(`${error.message} It said:\n${printed}`);
      });
      if (!printed.includes(text)) throw new Error(`${name} ended without saying "${text}":\n${printed}`);
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** Ends what a failed test has left: each script ends what it has started. */
export async function endAllScripts(): Promise<void> {
  for (const child of running) child.kill("SIGKILL");
  await waitFor(() => running.size === 0, { what: "the scripts to end" });
}

/** A place for an embedded server of the test's own; the binaries, 60 MB, are the checkout's. */
export function newPostgresDirectory(): { path: string; remove(): void } {
  const path = makeOpenDirectory(
    join(realpathSync(tmpdir()), `openhouse-scripts-${process.pid}-${Date.now()}`),
  );
  symlinkSync(makeOpenDirectory(join(defaultBaseDirectory(), "binaries")), join(path, "binaries"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10 }) };
}
