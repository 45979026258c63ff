import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { HostWatch } from "../../src/hosts/host-watch.ts";
import { Hosts, optionsAt } from "../../src/hosts/hosts.ts";
import { Client } from "../../src/query/client.ts";
import { startPoolerProxy } from "../support/pooler-proxy.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

/** A watch that has begun, of servers on these ports. */
function watchOf(
  ports: readonly number[],
  makeClient = (options: pg.ClientConfig): pg.Client => new Client(options),
) {
  const hosts = new Hosts(
    ports.map((port) => ({ host: "127.0.0.1", port, ssl: false })),
    "primary",
  );
  const watch = new HostWatch(hosts, {
    makeClient: (host) => makeClient(optionsAt(database.options(), host) as pg.ClientConfig),
    connectLimitMs: () => 5_000,
    isNeeded: () => true,
  });
  undo.push(() => watch.stop());
  watch.start();
  return { hosts, watch };
}

test("a pooler that signs the watch in and refuses its questions has failed, until it answers them", async () => {
  const { host = "", port = 0 } = database.options();
  const pooler = await startPoolerProxy({ host, port });
  undo.push(() => pooler.close());
  const { hosts } = watchOf([pooler.port, port]);
  await waitFor(() => hosts.list().every(({ role }) => role === "primary"), { what: "both to be seen" });

  pooler.end("server login has been failing, cached error: connect failed (server_login_retry)");
  await waitFor(() => hosts.list()[0]?.rank === "failed", { what: "the pooler to have failed" });
  expect(hosts.list()[1]).toMatchObject({ rank: "right" });
  pooler.recover();
  await waitFor(() => hosts.list()[0]?.rank === "right", { what: "the pooler to be seen again" });
});

test("the end of the watch is that of its attempts to connect, too", async () => {
  const taken: Socket[] = [];
  const silent = createServer((socket) => taken.push(socket.on("error", () => {}).resume()));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  undo.push(() => silent.close());
  const { hosts, watch } = watchOf([(silent.address() as AddressInfo).port, database.options().port ?? 0]);
  await waitFor(() => taken.length > 0 && hosts.list()[1]?.role === "primary", { what: "the first look" });

  await watch.stop();
  await waitFor(() => taken.every(({ closed }) => closed), {
    timeoutMs: 2_000,
    what: "no attempt to be left",
  });
  expect(hosts.list()[0]).toEqual(expect.not.objectContaining({ failure: expect.anything() }));
});

describe("any role may ask which cluster it is,", () => {
  const role = `watching_${randomBytes(6).toString("hex")}`;

  /** Looks as that role twice, and more. @returns what was learnt, and how many questions were refused. */
  async function learn() {
    const { port = 0 } = database.options();
    const count = { answers: 0, refusals: 0 };
    const { hosts } = watchOf([port, port], (options) => {
      const client = new Client({ ...options, user: role, password: role });
      client.connection.on("commandComplete", () => count.answers++);
      client.connection.on("errorMessage", () => count.refusals++);
      return client;
    });
    await waitFor(() => count.answers >= 4, { what: "two looks at each" });
    const { timeline, system } = hosts.all[0] ?? {};
    return { timeline, system, refusals: count.refusals };
  }

  test("and is asked no more where it may not; the timeline is learnt all the same", async () => {
    const observer = await database.observer();
    await observer.query(`create role ${role} login password '${role}'`);
    undo.push(() => observer.query(`drop role ${role}`));
    const { rows } = await observer.query(
      "select system_identifier::text as system from pg_control_system()",
    );
    const timeline = "00000001";
    expect(await learn()).toEqual({ timeline, system: rows[0]?.system, refusals: 0 });
    // Privileges on it are those of this database.
    await observer.query("revoke execute on function pg_control_system() from public");
    expect(await learn()).toEqual({ timeline, system: undefined, refusals: 2 });
  });
});
