import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { spawnGuarded } from "../src/guard.ts";
import { processIdentity } from "../src/processes.ts";
import { waitFor } from "../src/wait-for.ts";
import { makeCheckout } from "./support/checkout.ts";
import { firstLine, runProgram } from "./support/launcher.ts";

const common = { signal: "TERM", env: process.env, cwd: "/", output: "pipe" } as const;

function run(script: string) {
  return spawnGuarded({ ...common, command: process.execPath, args: ["-e", script] });
}

test("it reports the program's own pid, passes its output on, and tells its exit status", async () => {
  const program = await run("console.log(process.pid, process.argv0 !== ''); process.exitCode = 7");
  const output = program.output === null ? "" : await text(program.output);
  expect(output).toBe(`${program.pid} true\n`);
  expect(await program.exited).toBe(7);
});

test("a program ended by a signal is told as 128 + its number", async () => {
  const program = await run("setInterval(() => {}, 1000)");
  process.kill(program.pid, "SIGTERM");
  expect(await program.exited).toBe(128 + 15);
});

test("the program is in a session of its own, so the terminal's Ctrl-C does not reach it", async () => {
  const program = await run("setInterval(() => {}, 1000)");
  const ps = spawn("ps", ["-o", "sid=", "-p", `${program.pid},${process.pid}`]);
  const sessions = (await text(ps.stdout)).trim().split(/\s+/);
  expect(new Set(sessions).size).toBe(2);
  process.kill(program.pid, "SIGTERM");
  await program.exited;
});

test("a program that does not exist ends at once with the shell's status", async () => {
  const program = await spawnGuarded({ ...common, command: "/no/such/program", args: [] });
  expect(await program.exited).toBe(127);
});

test("a directory that is not there is an error of the call, not of the process", async () => {
  await expect(spawnGuarded({ ...common, cwd: "/no/such", command: "true", args: [] })).rejects.toMatchObject(
    {
      code: "POSTGRES_START",
    },
  );
});

test("neither shell nor reader stays behind when the program has ended", async () => {
  const mark = `mark-${process.pid}`;
  const program = await spawnGuarded({ ...common, command: process.execPath, args: ["-e", "", mark] });
  await program.exited;
  const marked = async () => {
    const ps = spawn("ps", ["-ww", "-eo", "args="]);
    return (await text(ps.stdout)).split("\n").filter((line) => line.includes(mark));
  };
  await waitFor(async () => (await marked()).length === 0, { what: "the reader to end" });
});

test("a program that does not end when its launcher was killed is killed after a time of grace", async () => {
  const checkout = makeCheckout({ binaries: false });
  onTestFinished(checkout.remove);
  const launcher = runProgram({ checkout }, "stubborn", {});
  const { pid }: { pid: number } = JSON.parse(await firstLine(launcher, () => ""));

  launcher.kill("SIGKILL");

  await waitFor(() => processIdentity(pid) === null, { timeoutMs: 10_000, what: "the program to be gone" });
});
