import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { waitFor } from "@openhouse/pool-testing";

/** No script takes as long. A process that hangs must not outlive the test run. */
const LIMIT_MS = 30_000;

/** A process of its own that runs one of these scripts. */
export function startChild(script: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  // Of our own environment only what it takes to run: settings of this machine are not to decide a test.
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", path, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL", // the only one that a stopped process obeys
    env: { NODE_ENV: "production", PATH, HOME, ...env } as NodeJS.ProcessEnv,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  child.stdin.on("error", () => {}); // it may end without reading
  const closed = once(child, "close");
  return {
    pid: child.pid ?? 0,
    /** Sends a line to its stdin. */
    tell: (line: string) => child.stdin.write(`${line}\n`),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    hears: (line: string) =>
      waitFor(() => output.stdout.split("\n").includes(line), {
        timeoutMs: 20_000,
        what: `the child to say "${line}", after ${JSON.stringify(output)}`,
      }),
    /** Waits until it has ended. */
    async end(): Promise<{ code: number | null; stdout: string; stderr: string }> {
      const [code] = await closed;
      return { code: typeof code === "number" ? code : null, ...output };
    },
  };
}

/** Runs a script to its end. */
export function runChild(script: string, env: Record<string, string>, args: readonly string[] = []) {
  return startChild(script, args, env).end();
}
