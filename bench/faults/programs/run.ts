import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LIMIT_MS = 20_000;

/** A program beside this file, in a process of its own, which may crash or stop itself. */
export function runProgram(name: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", path, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const facts: Record<string, unknown>[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    facts.push(JSON.parse(line));
    for (const listener of listeners) listener();
  });
  const closed = once(child, "close").then(() => {
    clearTimeout(limit);
    for (const listener of listeners) listener();
    return child.exitCode;
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    exitCode: closed,
    /** A fact that it tells on a line of its own; undefined where it ended without. */
    tells: (fact: string) =>
      new Promise<unknown>((resolve) => {
        const look = () => {
          const found = facts.find((each) => fact in each);
          if (found === undefined && child.exitCode === null && child.signalCode === null) return;
          listeners.delete(look);
          resolve(found?.[fact]);
        };
        listeners.add(look);
        look();
      }),
  };
}
