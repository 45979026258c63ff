import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { EmbeddedPostgresOptions } from "../../src/index.ts";
import type { Checkout } from "./checkout.ts";
import { idsOf, type UserName } from "./users.ts";

/** A process that has started, or joined, a server. */
export interface Launcher {
  readonly url: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  readonly shared: boolean;
  readonly dataDirectory: string;
  /** What it said to the user. */
  readonly said: () => string;
  /** `kill -9`: it can clean up nothing. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop its server and end. */
  stop(): Promise<void>;
  /** Has it call process.exit without stopping anything. */
  exit(): Promise<void>;
}

export interface LaunchOptions {
  checkout: Checkout;
  user?: UserName;
  umask?: string;
  options: Pick<EmbeddedPostgresOptions, "name" | "baseDirectory" | "temporary" | "port">;
}

const { EMBEDDED_POSTGRES_DIR: _, ...others } = process.env;
/** Without what names a directory: it holds a server that is none of the test's. */
export const LAUNCHERS_ENVIRONMENT: NodeJS.ProcessEnv = others;

const running = new Set<ChildProcessWithoutNullStreams>();

/** Starts the program in a checkout, and waits until its server takes connections. */
export async function launch(launchOptions: LaunchOptions): Promise<Launcher> {
  const child = runProgram(launchOptions, "server", launchOptions.options);
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  const first = await firstLine(child, () => said);
  const server: Pick<Launcher, "url" | "port" | "pid" | "shared" | "dataDirectory"> = JSON.parse(first);
  const tell = (line: string) => {
    child.stdin.write(`${line}\n`);
    return gone;
  };
  return {
    ...server,
    said: () => said,
    kill() {
      child.kill("SIGKILL");
      return gone;
    },
    stop: () => tell("stop"),
    exit: () => tell("exit"),
  };
}

/** Runs a task of the launcher program. */
export function runProgram(
  { checkout, user = "ourselves", umask }: Omit<LaunchOptions, "options">,
  task: string,
  options: unknown,
): ChildProcessWithoutNullStreams {
  const env = { ...LAUNCHERS_ENVIRONMENT };
  if (umask !== undefined) env.TEST_UMASK = umask;
  const child = spawn(process.execPath, [checkout.program, task, JSON.stringify(options)], {
    ...idsOf(user),
    cwd: checkout.root,
    env: { ...env, HOME: checkout.root, TMPDIR: checkout.temporary },
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Ends what a failed test has left. */
export function killAllLaunchers(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** The first line that it prints; an error with what it said when it ends without. */
export function firstLine(child: ChildProcessWithoutNullStreams, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`The launcher ended with ${code}: ${said()}`)));
  });
}
