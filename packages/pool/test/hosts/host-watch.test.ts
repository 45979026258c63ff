import { type AddressInfo, createServer, type Socket } from "node:net";
import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { afterEach, expect, test } from "vitest";
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
function watchOf(ports: readonly number[]) {
  const hosts = new Hosts(
    ports.map((port) => ({ host: "127.0.0.1", port, ssl: false })),
    "primary",
  );
  const watch = new HostWatch(hosts, {
    makeClient: (host) => new Client(optionsAt(database.options(), host) as pg.ClientConfig),
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
