import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { waitFor } from "@openhouse/pool-testing";
import { afterEach } from "vitest";

/** Runs the programs beside this file in processes of their own; none outlives its test. */
export function usePrograms() {
  const running = new Set<() => void>();
  afterEach(() => {
    for (const kill of running) kill();
  });
  return function run(name: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", path, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = () => child.kill("SIGKILL");
    running.add(kill);
    const facts: Record<string, unknown>[] = [];
    let complaint = "";
    createInterface({ input: child.stdout }).on("line", (line) => facts.push(JSON.parse(line)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    const closed = once(child, "close").then(([code, signal]) => {
      running.delete(kill);
      return { code, signal, complaint };
    });
    return {
      /** A fact that it has told on a line of its own. */
      async tells(name: string): Promise<unknown> {
        const fact = await waitFor(() => facts.find((each) => name in each), {
          timeoutMs: 15_000,
          what: `the program to tell its ${name}`,
        });
        return fact[name];
      },
      facts,
      signal: (name: NodeJS.Signals) => child.kill(name),
      /** How it ended by itself. */
      ended: () => closed,
    };
  };
}
