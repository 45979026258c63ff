import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage, StageOptions } from "./stage.ts";

/** What an operator is to find. Each is a part of what was seen, as text. */
export interface Expected {
  /** Of `/api/health/db`, at some moment: `503 auth`. Where nothing is wrong: `200 healthy`, and nothing else. */
  readonly health: string;
  /** Of `/api/health/ready`: 503 at some moment, or never; where the fault lasts about three probes, either. */
  readonly ready: "200" | "503" | "either";
  /** Answers that visitors may get; one of the first must be among them. */
  readonly users: readonly string[];
  /** A line of the log, by its event and, behind a blank, its kind or code. None where nothing has to be told. */
  readonly log?: string;
  /** An alert whose expression is true in time. None where nobody is to be woken. */
  readonly alert?: string;
  /** Milliseconds from the fault's end until a visitor gets a page at once again. */
  readonly normalWithinMs: number;
  /** What the row of the runbook has to say that the line leads to. */
  readonly advice?: RegExp;
}

export interface Drill extends StageOptions {
  readonly name: string;
  readonly fault: string;
  /** Makes the fault. @returns what takes it away again, if anything has to. */
  make(stage: Stage): Promise<(() => Promise<unknown>) | undefined>;
  /** How long it lasts. */
  readonly lastsMs: number;
  readonly expected: Expected;
  /** More that has to be so at the end. @returns what is not. */
  judge?(stage: Stage): Promise<string | undefined> | string | undefined;
}

/** One that this machine cannot do, and why. */
export interface Undone {
  readonly name: string;
  readonly fault: string;
  readonly because: string;
}

const ALTER_SYSTEM = async (stage: Stage, setting: string) => {
  await stage.sql(`alter system ${setting}`);
  await stage.sql("select pg_reload_conf()");
};
const crowd = (stage: Stage, count: number) => {
  for (let index = 0; index < count; index++) void stage.visit();
};

export const DRILLS: readonly Drill[] = [
  {
    name: "stopped",
    fault: "the server is stopped, and started again",
    lastsMs: 10_000,
    make: async ({ server, proxy }) => {
      await proxy.refuse();
      await server.kill();
      return async () => {
        await server.restart();
        await proxy.accept();
      };
    },
    expected: {
      health: "503 connection_refused",
      ready: "503",
      users: ["503", "200", "silent"],
      log: "web.database_unavailable connection_refused",
      alert: "DatabaseDown",
      normalWithinMs: 3_000,
      advice: /server status/,
    },
  },
  {
    name: "frozen",
    fault: "the server says nothing, and its connections stay",
    lastsMs: 14_000,
    make: async ({ proxy }) => {
      proxy.pause();
      return async () => proxy.resume();
    },
    expected: {
      health: "503 timeout",
      ready: "503",
      users: ["503", "200", "silent"],
      log: "db.health.changed timeout",
      alert: "DatabaseDown",
      normalWithinMs: 3_000,
      advice: /firewall/,
    },
  },
  {
    name: "wire-cut",
    fault: "every connection is reset on the way, once",
    lastsMs: 2_000,
    make: async ({ proxy }) => {
      proxy.cut();
      return undefined;
    },
    expected: {
      health: "200 healthy",
      ready: "200",
      users: ["200", "503"],
      log: "db.pool.connection_lost",
      normalWithinMs: 1_500,
    },
  },
  {
    name: "password",
    fault: "the role's password is another one; the portal has it in DATABASE_URL",
    lastsMs: 12_000,
    make: async (stage) => {
      await stage.sql("alter role openhouse_app password 'second'");
      await stage.endConnections();
      return () => stage.sql("alter role openhouse_app password 'first'");
    },
    expected: {
      health: "503 auth",
      ready: "503",
      users: ["503", "200"],
      log: "web.database_unavailable auth",
      alert: "DatabaseDown",
      normalWithinMs: 32_000,
      advice: /password/i,
    },
  },
  {
    name: "password-file",
    fault: "the password is rotated: the role's first, the file six seconds later",
    lastsMs: 6_000,
    passwordFile: true,
    make: async (stage) => {
      await stage.sql("alter role openhouse_app password 'second'");
      await stage.endConnections();
      return async () => writeFileSync(stage.passwordPath, "second\n");
    },
    expected: {
      health: "503 auth",
      ready: "either",
      users: ["503", "200"],
      log: "web.database_unavailable auth",
      normalWithinMs: 2_000,
      advice: /DATABASE_PASSWORD_FILE/,
    },
  },
  {
    name: "locked-table",
    fault: "somebody holds a lock on a table, and sixty visitors come",
    lastsMs: 12_000,
    make: async (stage) => {
      const holder = await stage.client();
      await holder.query("begin; lock table documents in access exclusive mode");
      crowd(stage, 60);
      return () => holder.query("rollback");
    },
    expected: {
      health: "200 degraded",
      ready: "200",
      users: ["503", "200", "silent"],
      log: "db.pool.acquire_timeout POOL_ACQUIRE_TIMEOUT",
      alert: "PoolSaturated",
      normalWithinMs: 3_000,
      advice: /waits for a lock/,
    },
  },
  {
    name: "waiting-ddl",
    fault: "a transaction idles, and an ALTER waits behind it",
    lastsMs: 14_000,
    make: async (stage) => {
      const [idler, migrator] = [await stage.client(), await stage.client()];
      await idler.query("begin; select count(*) from documents");
      void migrator.query("alter table documents add column drill int").catch(() => {});
      await sleep(200);
      return () => idler.query("rollback");
    },
    expected: {
      health: "200 ",
      ready: "200",
      users: ["200", "503", "silent"],
      log: "db.query.slow",
      alert: "DatabaseStatementsBlocked",
      normalWithinMs: 3_000,
    },
  },
  {
    name: "ddl",
    fault: "columns come and go in traffic",
    lastsMs: 4_000,
    make: async (stage) => {
      for (let turn = 0; turn < 5; turn++) {
        await stage.sql("alter table documents add column drill int");
        await stage.sql("alter table documents drop column drill");
      }
      return undefined;
    },
    expected: { health: "200 healthy", ready: "200", users: ["200"], normalWithinMs: 1_000 },
  },
  {
    name: "role-limit",
    fault: "the role may have one connection",
    lastsMs: 9_000,
    make: async (stage) => {
      await stage.sql("alter role openhouse_app connection limit 1");
      await stage.endConnections();
      return () => stage.sql("alter role openhouse_app connection limit -1");
    },
    expected: {
      health: "too_many_connections",
      ready: "200",
      users: ["200", "503"],
      log: "db.pool.connect_failed too_many_connections",
      normalWithinMs: 3_000,
      advice: /DB_POOL_MAX/,
    },
  },
  {
    name: "read-only",
    fault: "the server takes no writes",
    lastsMs: 5_000,
    make: async (stage) => {
      await ALTER_SYSTEM(stage, "set default_transaction_read_only = on");
      await sleep(500);
      await stage.write();
      return () => ALTER_SYSTEM(stage, "reset default_transaction_read_only");
    },
    expected: {
      health: "200 read_only",
      ready: "200",
      users: ["200"],
      log: "web.database_unavailable read_only",
      normalWithinMs: 3_000,
      advice: /standby|primary/,
    },
  },
  {
    name: "terminated",
    fault: "an administrator ends the portal's connections",
    lastsMs: 2_000,
    make: async (stage) => {
      await stage.endConnections();
      return undefined;
    },
    expected: {
      health: "200 healthy",
      ready: "200",
      users: ["200", "503"],
      log: "db.pool.connection_lost shutting_down",
      normalWithinMs: 1_500,
    },
  },
  {
    name: "crash",
    fault: "a backend is killed, and the server recovers",
    lastsMs: 3_000,
    make: async (stage) => {
      const client = await stage.client();
      const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
      if (rows[0] !== undefined) process.kill(rows[0].pid, "SIGKILL");
      return undefined;
    },
    expected: {
      health: "200 healthy",
      ready: "200",
      users: ["200", "503"],
      log: "db.pool.connection",
      normalWithinMs: 5_000,
    },
  },
  {
    name: "connect-revoked",
    fault: "the role may not connect to the database any more",
    lastsMs: 12_000,
    make: async (stage) => {
      await stage.sql("revoke connect on database postgres from openhouse_app, public");
      await stage.endConnections();
      return () => stage.sql("grant connect on database postgres to openhouse_app");
    },
    expected: {
      health: "503 auth",
      ready: "503",
      users: ["503", "200"],
      log: "web.database_unavailable auth",
      alert: "DatabaseDown",
      normalWithinMs: 32_000,
      advice: /grant connect/i,
    },
  },
  {
    name: "no-connections",
    fault: "the database takes no connections",
    lastsMs: 8_000,
    make: async (stage) => {
      const other = stage.server.url.replace(/\/postgres$/, "/template1");
      await stage.sql("alter database postgres allow_connections false", other);
      await stage.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'openhouse_app'",
        other,
      );
      return () => stage.sql("alter database postgres allow_connections true", other);
    },
    expected: {
      health: "503 not_accepting",
      ready: "503",
      users: ["503", "200"],
      log: "db.pool.connect_failed not_accepting",
      alert: "DatabaseDown",
      normalWithinMs: 3_000,
      advice: /allow_connections/,
    },
  },
  {
    name: "portal-frozen",
    fault: "the portal itself stands still for three seconds",
    lastsMs: 3_000,
    make: async (stage) => {
      stage.signal("SIGSTOP");
      return async () => stage.signal("SIGCONT");
    },
    expected: { health: "200 ", ready: "200", users: ["200"], normalWithinMs: 3_000 },
  },
  {
    name: "small-heap",
    fault: "a heap of 128 MB, and 120 visitors at once",
    settings: { NODE_OPTIONS: "--max-old-space-size=128" },
    lastsMs: 10_000,
    make: async (stage) => {
      crowd(stage, 120);
      return undefined;
    },
    expected: { health: "200 ", ready: "200", users: ["200", "503", "silent"], normalWithinMs: 10_000 },
  },
  {
    name: "sigterm",
    fault: "SIGTERM, with three seconds to drain",
    settings: { DB_DRAIN_MS: "3000" },
    lastsMs: 6_000,
    make: async (stage) => {
      stage.signal("SIGTERM");
      return undefined;
    },
    expected: {
      health: "503 draining",
      ready: "503",
      users: ["200", "gone"],
      log: "web.drained",
      normalWithinMs: Number.POSITIVE_INFINITY,
    },
    judge: ({ exitStatus }) => (exitStatus === 0 ? undefined : `it ended with ${exitStatus}`),
  },
  {
    name: "single-client",
    fault: "DB_USE_SINGLE_CLIENT, and its connection is lost",
    settings: { DB_USE_SINGLE_CLIENT: "true" },
    lastsMs: 2_000,
    make: async (stage) => {
      await stage.endConnections();
      return undefined;
    },
    expected: {
      health: "200 healthy",
      ready: "200",
      users: ["200", "503"],
      log: "db.pool.connection",
      normalWithinMs: 2_000,
    },
  },
  {
    name: "distant",
    fault: "each message takes 120 ms, each way",
    lastsMs: 10_000,
    make: async ({ proxy }) => {
      proxy.setDelayMs(120);
      return async () => proxy.setDelayMs(0);
    },
    expected: { health: "200 ", ready: "200", users: ["200"], log: "db.query.slow", normalWithinMs: 2_000 },
  },
];

export const UNDONE: readonly Undone[] = [
  {
    name: "disk-full",
    fault: "the server's disk is full",
    because:
      "an embedded server's files lie on this machine's disk; its kind and row are tested by a server's answer (classify.test.ts)",
  },
  {
    name: "clock",
    fault: "the clock is two days off",
    because: "it is the whole machine's; the pool's timers are monotonic",
  },
];
