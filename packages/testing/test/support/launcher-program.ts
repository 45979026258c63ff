import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { startEmbeddedPostgres } from "../../src/embedded-postgres.ts";
import { spawnGuarded } from "../../src/guard.ts";
import { withLock } from "../../src/lock.ts";
import type { EmbeddedPostgresOptions } from "../../src/server-types.ts";

/**
 * What tests run as a process of its own, to be killed, run as another user, or under another umask.
 * The first argument says what to do, the second is its options as JSON.
 */
const [task, json = "{}"] = process.argv.slice(2);
if (process.env.TEST_UMASK) process.umask(Number.parseInt(process.env.TEST_UMASK, 8));

if (task === "server") await runServer(JSON.parse(json));
else if (task === "count") await countUnderLocks(JSON.parse(json));
else if (task === "stubborn") await runStubborn();
else if (task === "hold") await holdLock(JSON.parse(json));

async function runServer(options: EmbeddedPostgresOptions): Promise<void> {
  const server = await startEmbeddedPostgres({ ...options, log: (line) => console.error(line) });
  const { url, port, pid, shared, dataDirectory } = server;
  console.log(JSON.stringify({ url, port, pid, shared, dataDirectory }));
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "stop") break;
    if (line === "exit") process.exit(0);
  }
  await server.stop();
  process.stdin.destroy(); // paused, it would keep us alive
}

/** Adds one to the number in each file, under the lock beside it, in a way that loses count when two do it at once. */
async function countUnderLocks({ go, files }: { go: string; files: string[] }): Promise<void> {
  console.log("waiting");
  while (!existsSync(go)) await new Promise((resolve) => setImmediate(resolve)); // all set off together
  for (const file of files) {
    await withLock(`${file}.lock`, async () => {
      const count = Number(readFileSync(file, "utf8"));
      await new Promise((resolve) => setTimeout(resolve, 1));
      writeFileSync(file, String(count + 1));
    });
  }
}

async function holdLock({ lock }: { lock: string }): Promise<void> {
  await withLock(lock, async () => {
    console.log(JSON.stringify({ held: true }));
    await new Promise((resolve) => process.stdin.once("end", resolve).resume());
  });
}

/** A guarded program that does not listen to the signal that asks it to end. */
async function runStubborn(): Promise<void> {
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')";
  const common = { signal: "TERM", graceSeconds: 1, env: process.env, cwd: "/", output: "pipe" } as const;
  const program = await spawnGuarded({ ...common, command: process.execPath, args: ["-e", script] });
  program.output?.once("data", () => console.log(JSON.stringify({ pid: program.pid })));
}
