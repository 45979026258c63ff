import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { waitFor } from "@openhouse/pool-testing";
import type { Outcome } from "./context.ts";

/** No program takes as long. One that hangs must not outlive whoever started it. */
const LIMIT_MS = 30_000;

/** Runs a program in a process of its own, which may crash or stop itself. It tells facts, as JSON, a line each. */
export function startProgram(file: URL, args: readonly string[] = [], env: Record<string, string> = {}) {
  // Of our own environment only what it takes to run: settings of this machine are not to decide anything.
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", fileURLToPath(file), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL", // the only one that a stopped process obeys
    env: { NODE_ENV: "production", PATH, HOME, ...env } as NodeJS.ProcessEnv,
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const facts = () =>
    output.stdout
      .split("\n")
      .flatMap((line): Outcome[] => (/^\{".*\}$/.test(line) ? [JSON.parse(line)] : []));
  const closed = once(child, "close");
  return {
    pid: child.pid ?? 0,
    signal: (name: NodeJS.Signals) => child.kill(name),
    /** A fact that it has told. */
    async tells(name: string) {
      const what = `the program to tell its ${name}`;
      const fact = await waitFor(() => facts().find((each) => name in each), { timeoutMs: 20_000, what });
      return fact[name];
    },
    /** How it ended by itself. */
    async ended() {
      const [exitCode, signal]: [number | null, NodeJS.Signals | null] = (await closed) as never;
      return { exitCode: exitCode ?? "none", signal: signal ?? "none", ...output, facts: facts() };
    },
  };
}

/** As `startProgram`, for as long as `work` takes. */
export async function withProgram<T>(
  file: URL,
  args: readonly string[],
  work: (program: ReturnType<typeof startProgram>) => Promise<T>,
): Promise<T> {
  const program = startProgram(file, args);
  try {
    return await work(program);
  } finally {
    program.signal("SIGKILL");
  }
}
