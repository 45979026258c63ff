import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { EmbeddedPostgresError } from "./embedded-error.ts";
import { type ServerUser, spawnIdentity } from "./server-user.ts";

/**
 * Runs a program that must not outlive us. A launcher killed with -9 can clean up nothing, so a shell
 * stands by: it reads from a pipe that only we hold open, and when that ends, it sends the program
 * the signal that ends it. The shell and the program have a session of their own, so Ctrl-C in the
 * terminal reaches us alone, and we stop things in their order.
 *
 * In the script: 4 is the pipe (a background command's own stdin would be /dev/null), 3 reports the
 * program's pid and, at its end, its status. The program gets neither. What it prints goes through `cat`,
 * and to nowhere once we are gone: a program in the middle of its orderly end must not meet a broken pipe
 * (Next reports that error to the same pipe, for ever).
 */
const SCRIPT = `
signal=$1 grace=$2 output=$3; shift 3
exec 4<&0
guard() {
  "$@" 3>&- 4<&- </dev/null &
  pid=$!
  echo "$pid" >&3
  ( read -r line <&4; kill -s "$signal" "$pid"; sleep "$grace"; kill -s KILL "$pid" ) >/dev/null 2>&1 3>&- &
  reader=$!
  exec 4<&- </dev/null
  wait "$pid"
  echo $? >&3
  kill "$reader" 2>/dev/null
}
if [ "$output" = pipe ]; then
  guard "$@" 2>&1 | { exec 3>&- 4<&-; cat; cat >/dev/null; }
else
  guard "$@"
fi
`;

export interface GuardedProcess {
  /** Of the program itself, not of the shell that stands by. */
  readonly pid: number;
  /** Exit status, 128 + n after signal n; resolves when the program has ended. */
  readonly exited: Promise<number>;
  /** What it prints, stdout and stderr in their order; `null` where it goes to a file descriptor. */
  readonly output: Readable | null;
  /** Lets our process end while the program runs, which ends the program. */
  unref(): void;
}

export interface GuardOptions {
  command: string;
  args: readonly string[];
  /** Sent to the program when we are gone. */
  signal: "INT" | "TERM";
  /** After that time it is killed. @default 60 */
  graceSeconds?: number;
  env: NodeJS.ProcessEnv;
  cwd: string;
  user?: ServerUser;
  /** Where its output goes: a file descriptor, or "pipe". */
  output: number | "pipe";
}

/** @throws {EmbeddedPostgresError} `POSTGRES_START`: the shell cannot be run, as that user or in that directory. */
export async function spawnGuarded(options: GuardOptions): Promise<GuardedProcess> {
  const { command, args, signal, graceSeconds = 60, env, cwd, user = null, output } = options;
  const kind = output === "pipe" ? "pipe" : "file";
  const shell = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "guard", signal, String(graceSeconds), kind, command, ...args],
    {
      ...spawnIdentity(user),
      cwd,
      env,
      detached: true,
      stdio: ["pipe", output, output, "pipe"],
    },
  );
  // The pipe breaks when the shell ends first; that is told by `exited`.
  shell.stdin?.on("error", () => {});
  const reported: number[] = [];
  const exited = new Promise<number>((resolve) => {
    shell.once("close", (code) => resolve(reported[1] ?? code ?? 128));
  });
  const pid = await firstReport(shell, reported, command);
  const unref = () => {
    shell.unref();
    for (const stream of [shell.stdin, shell.stdio[3]]) {
      if (stream && "unref" in stream && typeof stream.unref === "function") stream.unref();
    }
  };
  return { pid, exited, output: shell.stdout, unref };
}

/** Collects what the shell reports, and resolves with the first of it. */
function firstReport(shell: ChildProcess, reported: number[], command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: Error) => {
      const message = `${command} cannot be run${cause ? `: ${cause.message}` : "."}`;
      reject(new EmbeddedPostgresError("POSTGRES_START", message, { cause }));
    };
    shell.once("error", fail);
    shell.once("close", () => fail());
    const report = shell.stdio[3];
    if (!(report instanceof Readable)) return fail();
    createInterface({ input: report }).on("line", (line) => {
      reported.push(Number(line));
      if (reported.length === 1) resolve(Number(line));
    });
  });
}
