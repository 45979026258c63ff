import { execFile } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CheckLine } from "./check-line.ts";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));
const INSTALL_FLAGS = [
  "--prefer-offline",
  "--no-audit",
  "--no-fund",
  "--no-package-lock",
  "--ignore-scripts",
];
const INSTALL_LIMIT_MS = 300_000;
/** The slowest is TypeScript 5.4, which checks every declaration. */
const RUN_LIMIT_MS = 300_000;

type Environment = Readonly<Record<string, string>>;

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of somebody else: a directory outside the checkout, from which nothing of the checkout can be found. */
export class Project {
  readonly cwd: string;
  readonly #aborted: AbortSignal;

  constructor(cwd: string, aborted: AbortSignal) {
    this.cwd = cwd;
    this.#aborted = aborted;
    writeFileSync(join(cwd, "package.json"), JSON.stringify({ private: true, type: "module" }));
    cpSync(PROGRAMS, cwd, { recursive: true });
  }

  /** @throws {Error} npm could not; with what it said. */
  async install(...packages: string[]): Promise<void> {
    const { code, stdout, stderr } = await this.#execute("npm", ["install", ...INSTALL_FLAGS, ...packages], {
      timeoutMs: INSTALL_LIMIT_MS,
    });
    if (code !== 0)
      throw new Error(`npm install ${packages.join(" ")} ended with ${code}.\n${tail(stderr + stdout)}`);
  }

  /** Of an installed package. */
  version(name: string): string {
    return JSON.parse(readFileSync(this.path("node_modules", name, "package.json"), "utf8")).version;
  }

  path(...parts: string[]): string {
    return join(this.cwd, ...parts);
  }

  run(program: string, args: readonly string[], env: Environment = {}): Promise<Output> {
    return this.#execute(program, args, { env, timeoutMs: RUN_LIMIT_MS });
  }

  /** What a program of `programs/` reports; that it failed is a line as well. */
  async checks(program: string, args: readonly string[], env: Environment): Promise<CheckLine[]> {
    const { code, stdout, stderr } = await this.run(program, args, env);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (code === 0 && last.startsWith("[")) return JSON.parse(last);
    return [{ name: args.join(" "), wrong: `ended with ${code}.\n${tail(stderr || stdout)}` }];
  }

  #execute(
    program: string,
    args: readonly string[],
    { env = {}, timeoutMs }: { env?: Environment; timeoutMs: number },
  ): Promise<Output> {
    const options = {
      cwd: this.cwd,
      env: { ...outsideEnvironment(), ...env },
      timeout: timeoutMs,
      signal: this.#aborted,
      maxBuffer: 64 * 1024 ** 2,
    };
    return new Promise((resolve, reject) => {
      execFile(program, [...args], options, (error, stdout, stderr) => {
        if (error?.name === "AbortError") return reject(error);
        const ending = error?.killed ? `\nended after ${timeoutMs} ms` : "";
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({
          code,
          stdout,
          stderr: stderr + ending + (typeof error?.code === "string" ? error.message : ""),
        });
      });
    });
  }
}

/** Ours without what npm and this checkout's settings would change for others. */
function outsideEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|PG|DB_|DATABASE_URL$)/.test(name),
  );
  return { NODE_ENV: "production", ...Object.fromEntries(kept) };
}

function tail(text: string): string {
  return text.trim().split("\n").slice(-12).join("\n");
}
