import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withLock } from "../src/lock.ts";
import { type Checkout, makeCheckout } from "./support/checkout.ts";
import { firstLine, killAllLaunchers, runProgram } from "./support/launcher.ts";

let checkout: Checkout;
beforeAll(() => {
  checkout = makeCheckout({ binaries: false });
});
afterAll(() => {
  killAllLaunchers();
  checkout.remove();
});

/** A process that took the lock and was killed with -9. */
async function leaveDeadHolder(lock: string): Promise<void> {
  const holder = runProgram({ checkout }, "hold", { lock });
  await firstLine(holder, () => "");
  holder.kill("SIGKILL");
  await once(holder, "close");
}

test("a holder killed with -9 does not block the next", async () => {
  const lock = join(checkout.root, randomUUID());
  await leaveDeadHolder(lock);
  await expect(withLock(lock, () => "entered", 5_000)).resolves.toBe("entered");
});

test("processes that all find a dead holder's lock enter one after the other", async () => {
  const directory = mkdtempSync(join(checkout.root, "counts-"));
  const files = Array.from({ length: 60 }, (_, index) => join(directory, String(index)));
  const dead = join(directory, "dead");
  await leaveDeadHolder(dead);
  for (const file of files) {
    writeFileSync(file, "0");
    copyFileSync(dead, `${file}.lock`);
  }
  rmSync(dead);

  const go = join(checkout.root, "go");
  const workers = Array.from({ length: 4 }, () => runProgram({ checkout }, "count", { go, files }));
  const ends = Promise.all(workers.map((worker) => once(worker, "close")));
  await Promise.all(workers.map((worker) => firstLine(worker, () => "")));
  writeFileSync(go, "");
  expect((await ends).map(([code]) => code)).toEqual([0, 0, 0, 0]);

  expect(files.map((file) => readFileSync(file, "utf8"))).toEqual(files.map(() => "4"));
  expect(readdirSync(directory).filter((name) => name.includes("lock"))).toEqual([]);
});

test("a process killed while it removed a dead holder's lock does not block the next either", async () => {
  const lock = join(checkout.root, randomUUID());
  await leaveDeadHolder(lock);
  const { token }: { token: string } = JSON.parse(readFileSync(lock, "utf8"));
  await leaveDeadHolder(`${lock}.${token}`);
  await expect(withLock(lock, () => "entered", 5_000)).resolves.toBe("entered");
});

test("a lock that a live process keeps is told after the timeout, with the process", async () => {
  const lock = join(checkout.root, randomUUID());
  const holder = runProgram({ checkout }, "hold", { lock });
  await firstLine(holder, () => "");

  await expect(withLock(lock, () => "entered", 100)).rejects.toMatchObject({
    code: "POSTGRES_BUSY",
    message: expect.stringContaining(`Process ${holder.pid}`),
  });

  holder.stdin.end();
  await expect(withLock(lock, () => "entered", 5_000)).resolves.toBe("entered");
});
