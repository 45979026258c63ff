import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { signingFor } from "@openhouse/db/signing";
import { findFreePort, waitFor } from "@openhouse/pool-testing";

const DIRECTORY = join(import.meta.dirname, "..", "fixture-portal");
const NEXT = createRequire(import.meta.url).resolve("next/dist/bin/next");

/** A portal in a process of its own, as an operator runs it. */
export interface RunningPortal {
  readonly url: string;
  /** Everything it has written so far. */
  output(): string;
  /** Its structured log, as far as it is one. */
  log(): Record<string, unknown>[];
  signal(signal: "SIGTERM" | "SIGINT"): void;
  /** Exit code, once it has ended. */
  readonly exited: Promise<number | null>;
  /** Ends it, if it runs. */
  stop(): Promise<void>;
}

/** Builds the fixture, without a database and without settings: a build must need neither. */
export async function buildFixture(): Promise<string> {
  const { PATH, HOME, TMPDIR } = process.env;
  const build = next(["build"], { PATH, HOME, TMPDIR });
  const code = await build.exited;
  // It points into .next, and would be a fault for the type check of the repository when that is gone.
  await rm(join(DIRECTORY, "next-env.d.ts"), { force: true });
  if (code !== 0) throw new Error(`next build ended with ${code}:\n${build.output()}`);
  return build.output();
}

/** Starts the built fixture on a free port and waits until it answers. */
export async function startFixture(
  settings: Record<string, string> & { readonly DATABASE_URL: string },
): Promise<RunningPortal> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const { signingKey: TENANT_SIGNING_KEY } = signingFor(settings.DATABASE_URL);
  const portal = launchFixture(port, { TENANT_SIGNING_KEY, PUBLIC_URL: url, ...settings });
  let ended = false;
  void portal.exited.then(() => {
    ended = true;
  });
  await waitFor(
    async () => ended || (await fetch(`${url}/api/health/live`).catch(() => undefined))?.status === 200,
    { timeoutMs: 20_000, what: "the fixture portal to answer" },
  );
  if (ended) throw new Error(`the fixture portal ended at its start:\n${portal.output()}`);
  return { ...portal, url };
}

/** Starts the built fixture and waits for nothing. */
export function launchFixture(port: number, settings: Record<string, string>): Omit<RunningPortal, "url"> {
  const { PATH, HOME, TMPDIR, AUTH_SECRET } = process.env;
  const environment = { PATH, HOME, TMPDIR, AUTH_SECRET, DB_DRAIN_MS: "0", ...settings };
  return next(["start", "--hostname", "127.0.0.1", "--port", String(port)], environment);
}

function next(args: string[], environment: Record<string, string | undefined>): Omit<RunningPortal, "url"> {
  const child = spawn(process.execPath, ["--import", "@openhouse/web/json-start", NEXT, ...args], {
    cwd: DIRECTORY,
    env: { ...environment, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const output = collect(child);
  return {
    output,
    log: () => output().split("\n").flatMap(parseLine),
    signal: (signal) => child.kill(signal),
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
    },
  };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += String(chunk);
    });
  }
  return () => text;
}

function parseLine(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? [Object.fromEntries(Object.entries(value))] : [];
  } catch {
    return [];
  }
}
