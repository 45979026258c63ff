import { describePoolSize, type PoolLoad, poolSizeFor } from "@openhouse/pool";
import type { Check } from "../check.ts";
import type { Examination } from "../examination.ts";
import { CannotLook, note, ok, warn } from "../finding.ts";

const EVERY_MS = 50;

export const poolSize: Check = {
  id: "pool_size",
  title: "connections that the load wants",
  why: "too few let callers wait, and too many make the server slower and leave no room for a deploy",
  async look(examination) {
    const { settings, options } = examination;
    const load = options.load ?? (await sample(examination, options.sampleMs ?? 0));
    const max = settings.options.max ?? 1;
    const size = poolSizeFor(load);
    if (settings.sizesItself)
      return [ok(`${Number(load.busy.toFixed(1))} busy; DB_POOL_MAX=auto sees to it`)];
    const what = describePoolSize(load, max);
    if (size > max) return [warn(what, `DB_POOL_MAX=${size}`)];
    if (2 * size < max) return [note(what, `DB_POOL_MAX=${size}, if this was the busiest hour`)];
    return [ok(what)];
  },
};

/**
 * The load of one instance, of what the server shows of the role's connections. How long each was in use is told by how long
 * it had been when it was looked at: on average the same, where callers come and go at random.
 */
async function sample(examination: Examination, forMs: number): Promise<PoolLoad> {
  if (forMs <= 0)
    throw new CannotLook(
      "no load was given",
      "--sample SECONDS in the busiest hour, or --busy N --hold-ms N from a process's own figures",
    );
  const { user } = examination.settings.options;
  if (examination.observer.user !== user) await examination.needsToSeeAll("connections");
  const until = performance.now() + forMs;
  let [samples, busy, ageMs] = [0, 0, 0];
  while (performance.now() < until) {
    const [row] = await examination.ask<{ busy: number; age: number }>(
      `select count(*)::int as busy,
              coalesce(sum(extract(epoch from clock_timestamp() - coalesce(xact_start, query_start)) * 1000), 0)::float8 as age
         from pg_stat_activity
        where usename = $1 and datname = current_database() and pid <> pg_backend_pid() and state not in ('idle', 'disabled')`,
      [user],
    );
    samples++;
    busy += row?.busy ?? 0;
    ageMs += row?.age ?? 0;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  if (busy === 0)
    throw new CannotLook(`${user} was not busy in ${samples} samples`, "--sample in the busiest hour");
  return { busy: busy / samples / (examination.options.instances ?? 1), holdMs: Math.max(1, ageMs / busy) };
}
