// A process for the fault process-end: it does as it is told, and has nothing to do then.
import { once } from "node:events";
import { createServer } from "node:net";
import { HealthProbe, Pool, type PoolOptions, SingleClientPool } from "@openhouse/pool";
import { closeOnSignals } from "@openhouse/pool/process";
import pg from "pg";
import { contextFrom } from "../context.ts";

const { kind, url } = contextFrom(process.argv);
const options: PoolOptions = { connectionString: url, ssl: false, idleTimeoutMillis: 3_000 };
const open = () => (kind === "ours" ? new Pool(options) : new pg.Pool(options));
const tell = (fact: object) => console.log(JSON.stringify(fact));

/** A pool of two servers, of which the second takes connections and says nothing. */
async function openWithSilentHost() {
  const silent = createServer((socket) => socket.unref())
    .listen(0, "127.0.0.1")
    .unref();
  await once(silent, "listening");
  const { port = 0 } = silent.address() as { port?: number };
  const { host } = new URL(url);
  const connectionString = `${url.replace(host, `${host},127.0.0.1:${port}`)}?target_session_attrs=primary`;
  return new Pool({ ...options, connectionString, connectionTimeoutMillis: 10_000 });
}

async function untilSignalled() {
  const pools = [open(), open()];
  for (const pool of pools) {
    if (pool instanceof Pool) closeOnSignals(() => pool.end());
    await pool.query("select 1");
  }
  process.on("exit", () => tell({ openPools: pools.filter(({ ended }) => !ended).length }));
  setInterval(() => {}, 60_000);
  tell({ running: true });
  await new Promise(() => {});
}

const works: Record<string, () => Promise<unknown>> = {
  async "a statement"() {
    const pool = open();
    if (pool instanceof Pool) await pool.warmUp();
    await pool.query("select 1");
  },
  async "a statement on the single client"() {
    await (kind === "ours" ? new SingleClientPool(options) : open()).query("select 1");
  },
  async "the end of a probe"() {
    const probe = new HealthProbe(() => new pg.Client(options));
    const { healthy } = await probe.check(new Pool(options).getStats(), false);
    await probe.close();
    if (!healthy) throw new Error("the probe has not reached the server");
  },
  async "a statement on one of two hosts"() {
    await (await openWithSilentHost()).query("select 1");
  },
  async "the end of a pool of two hosts"() {
    const pool = await openWithSilentHost();
    await pool.query("select 1");
    await pool.end();
  },
  "a signal": untilSignalled,
  async "a signal without effect"() {
    process.kill = () => true; // as for PID 1 of a container, which the kernel spares
    await untilSignalled();
  },
};

await works[process.argv[4] ?? ""]?.();
const doneAtMs = performance.now();
process.on("exit", () => tell({ endsAtOnce: performance.now() - doneAtMs < 3_000 }));
