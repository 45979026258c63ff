import {
  type EmbeddedPostgres,
  type Standby,
  startEmbeddedPostgres,
  startStandby,
  waitFor,
  withDatabase,
} from "@openhouse/pool-testing";
import pg from "pg";
import { getPoolStats } from "../../src/client.ts";
import { APP, as, createTemplate, templateName } from "./template.ts";

/** A primary with example data and standbys of it, which nobody else uses. */
export interface Replicated {
  readonly primary: EmbeddedPostgres;
  readonly standbys: readonly Standby[];
  /** The portals' role. */
  readonly appUrl: string;
  readonly replicaUrls: readonly string[];
  /** Superusers of the same database. */
  readonly onPrimary: pg.Client;
  readonly onStandbys: readonly pg.Client[];
  stop(): Promise<void>;
}

export async function startReplicated(count: number): Promise<Replicated> {
  const primary = await startEmbeddedPostgres({ name: "replicated", log: () => {} });
  await createTemplate(primary.url);
  const standbys: Standby[] = [];
  for (let index = 0; index < count; index++) {
    const settings = { max_standby_streaming_delay: "0", wal_receiver_status_interval: "1s" };
    standbys.push(await startStandby(primary, { name: `standby${index}`, settings }));
  }
  const within = (url: string) => withDatabase(url, templateName());
  const clients = [primary, ...standbys].map(({ url }) => {
    const client = new pg.Client({ connectionString: within(url) });
    client.on("error", () => {}); // the server is stopped, or promoted
    return client;
  });
  await Promise.all(clients.map((client) => client.connect()));
  const [onPrimary, ...onStandbys] = clients;
  if (onPrimary === undefined) throw new Error("there is a primary");
  return {
    primary,
    standbys,
    appUrl: as(APP, within(primary.url)),
    replicaUrls: standbys.map(({ url }) => as(APP, within(url))),
    onPrimary,
    onStandbys,
    async stop() {
      await Promise.all(clients.map((client) => client.end().catch(() => {})));
      for (const standby of standbys) await standby.stop("immediate");
      await primary.stop("immediate");
    },
  };
}

/** Waits until each replica is asked, or, with a reason, until none is for that. */
export async function replicasAre(skipped: string | undefined): Promise<void> {
  const isSo = () => getPoolStats().replicas?.every((replica) => replica.skipped === skipped) === true;
  await waitFor(isSo, { timeoutMs: 10_000, what: `the replicas to be ${skipped ?? "asked"}` });
}

/** Lets a standby's replay stop and go on at random, until the function that it gives is called. */
export function stutter(client: pg.Client, longestMs = 30): () => Promise<void> {
  let isOver = false;
  const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * longestMs));
  const ask = (what: "pause" | "resume") =>
    client.query(`select pg_wal_replay_${what}()`).catch((error: unknown) => {
      // Recovery cancels these as it does any statement.
      if (!(error instanceof pg.DatabaseError && error.code === "40001")) throw error;
    });
  const run = async () => {
    while (!isOver) {
      await ask("pause");
      await pause();
      await ask("resume");
      await pause();
    }
    await client.query("select pg_wal_replay_resume()");
  };
  const running = run();
  return () => {
    isOver = true;
    return running;
  };
}
