import { type EmbeddedPostgres, startEmbeddedPostgres, startFaultProxy } from "@openhouse/pool-testing";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { PoolOptions } from "../../../src/config/options.ts";
import { Pool } from "../../../src/pool.ts";
import { Client } from "../../../src/query/client.ts";
import { optionsFor } from "../../support/options.ts";

/** A server that the tests of a file may stop, freeze and kill, and pools on it that are ended after each test. */
export function useOwnServer(settings: Record<string, string> = {}) {
  let started: EmbeddedPostgres | undefined;
  const open: { end(): Promise<void> }[] = [];

  beforeAll(async () => {
    started = await startEmbeddedPostgres({ name: "fault", settings, log: () => {} });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.end()));
  });
  afterAll(async () => {
    await started?.stop("immediate");
  });

  const server = () => {
    if (started === undefined) throw new Error("the server starts in beforeAll: ask for it in a test");
    return started;
  };
  const keep = <T extends { end(): Promise<void> }>(each: T): T => {
    open.push(each);
    return each;
  };
  return {
    server,
    /** For the faults that are also run on a plain pool. */
    ours: () => ({ kind: "ours" as const, url: server().url, server: server() }),
    pool: (options: PoolOptions = {}) =>
      keep(new Pool({ ...optionsFor(server().url), min: 0, pooler: "none", ...options })),
    /** A pool whose network can be broken. */
    async proxied(options: PoolOptions = {}) {
      const { host, port } = server();
      const proxy = await startFaultProxy({ host, port });
      const at = { ...optionsFor(server().url), port: proxy.port };
      const pool = keep(new Pool({ ...at, min: 0, pooler: "none", ...options }));
      open.push({ end: () => proxy.close() });
      return { pool, proxy };
    },
    async observer(): Promise<Client> {
      const client = new Client(optionsFor(server().url));
      await client.connect();
      return keep(client);
    },
  };
}
