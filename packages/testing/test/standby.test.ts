import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSuperuser, type EmbeddedPostgres, startEmbeddedPostgres, startStandby } from "../src/index.ts";

let primary: EmbeddedPostgres;

beforeAll(async () => {
  primary = await startEmbeddedPostgres({ name: "primary", log: () => {} });
  await run(primary, "create table written (n int)");
});
afterAll(() => primary?.stop("immediate"));

async function run(server: Pick<EmbeddedPostgres, "url">, sql: string): Promise<unknown[][]> {
  const { rows } = await asSuperuser(server.url, (client) => client.query({ text: sql, rowMode: "array" }));
  return rows;
}

test("a standby streams, stops showing what it receives when told, and takes writes once promoted", async () => {
  const standby = await startStandby(primary, { name: "second" });
  try {
    await run(primary, "insert into written values (1)");
    await standby.catchUp();
    expect(await run(standby, "select n from written")).toEqual([[1]]);
    await expect(run(standby, "insert into written values (0)")).rejects.toMatchObject({ code: "25006" });
    expect(await run(primary, "select application_name, state from pg_stat_replication")).toEqual([
      ["second", "streaming"],
    ]);

    await standby.pauseReplay();
    const pausedAt = await standby.replayLsn();
    await run(primary, "insert into written values (2)");
    await expect(standby.catchUp({ timeoutMs: 200 })).rejects.toThrow("replay what the primary has written");
    expect(await standby.replayLsn()).toBe(pausedAt);
    await standby.resumeReplay();
    await standby.catchUp();

    // Its own name as the primary's synchronous standby would have every commit wait for ever.
    await run(standby, "alter system set synchronous_standby_names = 'second'");
    await primary.kill();
    await standby.promote();
    await run(standby, "insert into written values (3)");
    expect(await run(standby, "select n from written order by n")).toEqual([[1], [2], [3]]);
    await standby.restart();
    expect(await run(standby, "select count(*)::int from written")).toEqual([[3]]);
  } finally {
    await standby.stop("immediate");
  }
  expect(existsSync(dirname(standby.dataDirectory))).toBe(false);
});
