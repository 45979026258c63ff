import { readSettings } from "@openhouse/pool";
import { asSuperuser, createTestDatabase, waitFor } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { examine, type Finding } from "../src/index.ts";
import { type Pair, startPair } from "./support/standby.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair?.close());

async function findingsAt(url: string, id: string): Promise<Pick<Finding, "level" | "what">[]> {
  const { findings } = await examine({ settings: () => readSettings({ DATABASE_URL: url }), lagMs: 200 });
  return findings.filter((each) => each.id === id).map(({ level, what }) => ({ level, what }));
}

const onStandby = (id: string) => findingsAt(pair.standbyUrl, id);
const sql = (url: string, text: string) => asSuperuser(url, (client) => client.query(text));

/** Until the standby has got, or has replayed, what the primary has written. */
async function untilStandby(columns: "pg_last_wal_receive_lsn" | "pg_last_wal_replay_lsn"): Promise<void> {
  const { rows } = await sql(pair.primary.url, "select pg_current_wal_flush_lsn() as lsn");
  const isThere = async () => {
    const { rows: got } = await sql(pair.standbyUrl, `select ${columns}() >= '${rows[0].lsn}' as is`);
    return got[0].is === true;
  };
  await waitFor(isThere, { what: `${columns} to come to the primary's end`, timeoutMs: 20_000 });
}

test("a standby that streams is well, whoever looks sees how far it is behind, and that it takes no writes is told", async () => {
  await sql(pair.primary.url, "create table notes (id int); insert into notes values (1)");
  await untilStandby("pg_last_wal_replay_lsn");
  expect(await onStandby("wal_receiver")).toEqual([{ level: "ok", what: "the standby receives" }]);
  expect(await onStandby("replication_lag")).toEqual([
    { level: "ok", what: "the standby has replayed all that it was sent" },
  ]);
  expect(await onStandby("read_only")).toEqual([{ level: "wrong", what: "the server is a standby" }]);
  const { findings } = await examine({ settings: () => readSettings({ DATABASE_URL: pair.primary.url }) });
  expect(findings.find(({ id }) => id === "replication_lag")?.level).toBe("ok");
});

test("each replica's own limit counts for its pools, and one that does not answer is skipped", async () => {
  await sql(pair.primary.url, "create role narrow login superuser password 'narrow' connection limit 60");
  await untilStandby("pg_last_wal_replay_lsn");
  const as = (to: string, port?: string) => {
    const url = Object.assign(new URL(to), { username: "narrow", password: "narrow" });
    return Object.assign(url, port === undefined ? {} : { port }).href;
  };
  const replicas = [as(pair.standbyUrl), as(pair.standbyUrl, "1")];
  const env = { DATABASE_URL: as(pair.primary.url), DATABASE_URL_REPLICAS: replicas.join() };
  const { findings } = await examine({ settings: () => readSettings(env), instances: 3 });
  const { host } = new URL(pair.standbyUrl);
  expect(findings.filter(({ id }) => id === "capacity")).toMatchObject([
    {
      level: "wrong",
      what: expect.stringMatching(/^3 instances x \(20 \+ 1 for probes\) = 63, more than 60/),
    },
    {
      level: "warn",
      object: host,
      what: `the replica ${host}: 3 instances x 20 = 60, twice in a rolling deploy, more than 60, the limit of the role narrow`,
      change: "DB_POOL_MAX=10; or alter role narrow connection limit -1",
    },
    {
      level: "skip",
      object: "127.0.0.1:1",
      what: "the replica 127.0.0.1:1 could not be asked: connection_refused",
    },
  ]);
});

test("what a role may not see of the receiver is skipped, with the grant that would show it", async () => {
  await sql(pair.primary.url, "create role plain login password 'plain'");
  await untilStandby("pg_last_wal_replay_lsn");
  const url = new URL(pair.standbyUrl);
  url.username = "plain";
  url.password = "plain";
  expect(await findingsAt(url.href, "wal_receiver")).toEqual([
    { level: "skip", what: "plain does not see the receiver of other roles" },
  ]);
});

test("a standby whose replay is paused is behind, and the primary sees that as well", async () => {
  await sql(pair.standbyUrl, "select pg_wal_replay_pause()");
  try {
    await sql(pair.primary.url, "insert into notes values (2)");
    await untilStandby("pg_last_wal_receive_lsn");
    const found = await waitFor(
      async () => {
        const findings = await onStandby("replication_lag");
        return findings[0]?.level === "warn" && findings;
      },
      { what: "it to be behind", timeoutMs: 20_000 },
    );
    expect(found).toEqual([
      { level: "warn", what: expect.stringMatching(/^the standby is \d+ s behind: its replay is paused$/) },
    ]);
  } finally {
    await sql(pair.standbyUrl, "select pg_wal_replay_resume()");
  }
});

test("a standby whose primary is gone has no receiver, and how far it is behind nobody knows", async () => {
  await untilStandby("pg_last_wal_replay_lsn");
  await pair.primary.kill();
  const isGone = async () => {
    const findings = await onStandby("wal_receiver");
    return findings[0]?.level === "warn" && findings;
  };
  expect(await waitFor(isGone, { what: "the receiver to end", timeoutMs: 20_000 })).toEqual([
    { level: "warn", what: "the standby has no receiver: nothing comes from its primary" },
  ]);
  expect(await onStandby("replication_lag")).toEqual([
    { level: "skip", what: "how far the standby is behind, as nothing is sent to it" },
  ]);
});

test("a slot from which nobody receives is told, with what would drop it", async () => {
  const { url, drop } = await createTestDatabase();
  await sql(url, "select pg_create_physical_replication_slot('doctor_unused', true)");
  try {
    const { findings } = await examine({ settings: () => readSettings({ DATABASE_URL: url }) });
    expect(findings.filter(({ id }) => id === "wal_receiver")).toEqual([
      expect.objectContaining({
        level: "warn",
        object: "doctor_unused",
        what: expect.stringMatching(
          /^nobody receives from the slot doctor_unused, and the server keeps .+ for it$/,
        ),
        change: "start what receives from it; or select pg_drop_replication_slot('doctor_unused')",
      }),
    ]);
  } finally {
    await sql(url, "select pg_drop_replication_slot('doctor_unused')");
    await drop();
  }
});
