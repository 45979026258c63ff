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
function watchOf(ports: readonly number[]): Hosts {
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
  return hosts;
}

test("a pooler that signs the watch in and refuses its questions has failed, until it answers them", async () => {
  const { host = "", port = 0 } = database.options();
  const pooler = await startPoolerProxy({ host, port });
  undo.push(() => pooler.close());
  const hosts = watchOf([pooler.port, port]);
  await waitFor(() => hosts.list().every(({ role }) => role === "primary"), { what: "both to be seen" });

  pooler.end("server login has been failing, cached error: connect failed (server_login_retry)");
  await waitFor(() => hosts.list()[0]?.rank === "failed", { what: "the pooler to have failed" });
  expect(hosts.list()[1]).toMatchObject({ rank: "right" });
  pooler.recover();
  await waitFor(() => hosts.list()[0]?.rank === "right", { what: "the pooler to be seen again" });
});
