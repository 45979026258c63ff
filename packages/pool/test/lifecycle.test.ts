import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { waitFor } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { useDatabase } from "./support/pools.ts";

const SCRIPT = fileURLToPath(new URL("./support/long-running.ts", import.meta.url));
const database = useDatabase();

/** A process that uses a pool, and tells line by line how far it is. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, database.url(), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => lines.push(...chunk.trim().split("\n")));
  const exited = once(child, "exit");
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    hears: (line: string) => waitFor(() => lines.includes(line), { timeoutMs: 20_000, what: `"${line}"` }),
    async end() {
      const [code, signal] = await exited;
      return { code, signal, lines };
    },
  };
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s lets the statement under way finish, then ends the process by the signal",
  async (signal) => {
    const child = await start("0.3");
    await child.hears("running");
    child.kill(signal);
    const { code, signal: by, lines } = await child.end();
    expect(lines).toContain("statement done");
    expect({ code, by }).toEqual({ code: null, by: signal });
  },
);

test("a signal that comes twice, as npm and the terminal both send it, is one", async () => {
  const child = await start("0.3");
  await child.hears("running");
  child.kill("SIGINT");
  child.kill("SIGINT");
  await child.hears("draining");
  child.kill("SIGINT");
  const { lines } = await child.end();
  expect(lines).toContain("statement done");
});

test("a second signal ends the process at once", async () => {
  const child = await start("3"); // its backend goes on for as long, and is to be gone when the database is dropped
  await child.hears("running");
  child.kill("SIGTERM");
  await child.hears("draining");
  await sleep(1_100); // a second one that comes sooner is the first
  child.kill("SIGTERM");
  const { code, lines } = await child.end();
  expect(code).toBe(143);
  expect(lines).not.toContain("statement done");
});

test("signals are left alone where somebody else has taken them over", async () => {
  const child = await start("0.3", "taken-over");
  await child.hears("running");
  child.kill("SIGTERM");
  const { code, lines } = await child.end();
  expect(lines).toContain("somebody else's handler");
  expect(code).toBe(7);
});
