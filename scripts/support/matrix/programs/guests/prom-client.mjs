import { Gauge, Registry } from "prom-client";

export async function work({ pool, step }) {
  const registers = [new Registry()];
  const gauge = (name, read) =>
    new Gauge({
      name,
      help: name,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("pool_total", () => pool.totalCount);
  gauge("pool_idle", () => pool.idleCount);
  gauge("pool_waiting", () => pool.waitingCount);
  await step("gauges under load", async () => {
    const held = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
    const waiting = pool.connect();
    const busy = await registers[0].metrics();
    for (const client of held) client.release();
    (await waiting).release();
    return [busy, await registers[0].metrics()];
  });
}
