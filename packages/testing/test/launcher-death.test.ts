import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeOpenDirectory } from "../src/base-directory.ts";
import { processIdentity } from "../src/processes.ts";
import { waitFor } from "../src/wait-for.ts";
import { type Checkout, makeCheckout } from "./support/checkout.ts";
import { killAllLaunchers, launch } from "./support/launcher.ts";

let checkout: Checkout;
let bases = 0;
beforeAll(() => {
  checkout = makeCheckout({});
});
afterAll(() => {
  killAllLaunchers();
  checkout.remove();
});

/** A base directory of the test's own; the binaries, 60 MB, are everybody's. */
function newBase(): string {
  bases += 1;
  const base = makeOpenDirectory(join(checkout.root, `base-${bases}`));
  symlinkSync(makeOpenDirectory(join(checkout.root, "binaries")), join(base, "binaries"));
  return base;
}

const isGone = (pid: number) => processIdentity(pid) === null;

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("a server does not outlive a launcher killed with -9, and the next start finds the data", async () => {
  const options = { name: "dev", baseDirectory: newBase() };
  const first = await launch({ checkout, options });
  await query(first.url, "create table kept as select 'committed' as value");

  await first.kill();
  await waitFor(() => isGone(first.pid), { what: "the server to end with its launcher" });

  const second = await launch({ checkout, options });
  expect(second.shared).toBe(false);
  expect(second.url).toBe(first.url); // password and port too
  expect(await query(second.url, "select * from kept")).toEqual([{ value: "committed" }]);
  await second.stop();
});

test("a start right after a kill -9 does not join the dying server", async () => {
  const options = { name: "dev", baseDirectory: newBase() };
  const first = await launch({ checkout, options });
  // A session under way: the server needs a moment to end.
  const busy = query(first.url, "select pg_sleep(30)").catch(() => "ended");

  await first.kill();
  const second = await launch({ checkout, options });

  expect(second.shared).toBe(false);
  expect(second.pid).not.toBe(first.pid);
  expect(isGone(first.pid)).toBe(true);
  expect(await busy).toBe("ended");
  await second.stop();
});

test.runIf(process.platform === "linux")(
  "a server without launcher and guard is stopped and started anew",
  async () => {
    const options = { name: "dev", baseDirectory: newBase() };
    const first = await launch({ checkout, options });
    const guard = parentOf(first.pid);
    for (const pid of childrenOf(guard)) if (pid !== first.pid) process.kill(pid, "SIGKILL");
    process.kill(guard, "SIGKILL");
    await first.kill();
    expect(isGone(first.pid)).toBe(false);

    const second = await launch({ checkout, options });

    expect(second.shared).toBe(false);
    expect(isGone(first.pid)).toBe(true);
    expect(await query(second.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await second.stop();
  },
);

test("a live launcher's server is shared, and stop of the one who joined leaves it running", async () => {
  const options = { name: "dev", baseDirectory: newBase() };
  const owner = await launch({ checkout, options });
  const guest = await launch({ checkout, options });
  expect(guest).toMatchObject({ shared: true, url: owner.url, pid: owner.pid });

  await guest.stop();
  expect(await query(owner.url, "select 1 as one")).toEqual([{ one: 1 }]);

  await owner.stop();
  expect(isGone(owner.pid)).toBe(true);
});

test("launchers that start at once on a new base directory end up with one server", async () => {
  const options = { name: "dev", baseDirectory: newBase() };
  const all = await Promise.all([1, 2, 3].map(() => launch({ checkout, options })));

  expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
  expect(all.filter(({ shared }) => !shared)).toHaveLength(1);
  for (const launcher of all.filter(({ shared }) => shared)) await launcher.stop();
  for (const launcher of all.filter(({ shared }) => !shared)) await launcher.stop();
});

test("two base directories run side by side", async () => {
  const one = await launch({ checkout, options: { name: "dev", baseDirectory: newBase() } });
  const other = await launch({ checkout, options: { name: "dev", baseDirectory: newBase() } });

  await query(one.url, "create table mine ()");
  expect(other.port).not.toBe(one.port);
  expect(await query(other.url, "select to_regclass('mine') as mine")).toEqual([{ mine: null }]);
  await one.stop();
  await other.stop();
});

test("what a killed launcher's temporary cluster left is swept at the next start; a live one's is not", async () => {
  const baseDirectory = newBase();
  const alive = await launch({ checkout, options: { name: "alive", baseDirectory } });
  const killed = await launch({ checkout, options: { name: "killed", baseDirectory } });
  await killed.kill();

  const next = await launch({ checkout, options: { name: "next", baseDirectory } });
  const left = () =>
    readdirSync(join(baseDirectory, "temporary"))
      .map((name) => name.split("-")[0])
      .sort();
  expect(left()).toEqual(["alive", "next"]);
  expect(isGone(killed.pid)).toBe(true);
  expect(await query(alive.url, "select 1 as one")).toEqual([{ one: 1 }]);

  await alive.stop();
  await next.stop();
  expect(left()).toEqual([]);
});

test("a process that exits without stopping its temporary cluster takes it along", async () => {
  const baseDirectory = newBase();
  const launcher = await launch({ checkout, options: { name: "forgotten", baseDirectory } });

  await launcher.exit();

  await waitFor(() => isGone(launcher.pid), { what: "the server to end" });
  expect(readdirSync(join(baseDirectory, "temporary"))).toEqual([]);
});

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}
