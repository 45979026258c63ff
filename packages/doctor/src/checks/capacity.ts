import { CONNECTION_LIMITS, type ConnectionLimits, classifyError, leastLimit } from "@openhouse/pool";
import type pg from "pg";
import type { Check } from "../check.ts";
import type { Examination } from "../examination.ts";
import { CannotLook, type Found, ok, skip, warn, wrong } from "../finding.ts";
import { isBehindPooler } from "./pooler.ts";

export const capacity: Check = {
  id: "capacity",
  title: "connections that the instances may open",
  why: "whoever comes last is refused with 53300, and during a rolling deploy old and new instances run side by side",
  async look(examination) {
    const { app, settings } = examination;
    const isPool = settings.mode === "pool";
    const found = [await capacityOf(app, examination, { max: isPool ? settings.options.max : 1, probes: 1 })];
    // The single client has none.
    for (const replica of isPool ? settings.replicas : [])
      found.push(await replicaCapacity(replica, examination));
    return found;
  },
};

/** What an instance may open to a server: the connections of a pool, and those of probes beside it. */
interface Needs {
  readonly max: number | undefined;
  readonly probes: 0 | 1;
  /** Where it is not the primary's. */
  readonly replica?: string;
}

async function capacityOf(
  client: pg.Client,
  examination: Examination,
  { max = 1, probes, replica }: Needs,
): Promise<Found> {
  if (await isBehindPooler(client))
    throw new CannotLook(
      "a pooler stands in between, whose limits are not the server's",
      `compare instances x ${probes === 0 ? "DB_POOL_MAX" : "(DB_POOL_MAX + 1)"}, twice for a rolling deploy, with the pooler's max_client_conn`,
    );
  const instances = examination.options.instances ?? 1;
  const needed = instances * (max + probes);
  const { rows } = await client.query<ConnectionLimits>(`select ${CONNECTION_LIMITS}`);
  const { limit, limitedBy } = leastLimit(rows[0] ?? { server: 0, role: -1, database: -1 });
  const { user, database } = examination.settings.options;
  const [whose, change] = {
    server: ["max_connections less reserved", "alter system set max_connections; restart"],
    role: [`the limit of the role ${user}`, `alter role ${examination.role} connection limit -1`],
    database: [
      `the limit of the database ${database}`,
      `alter database ${examination.database} connection limit -1`,
    ],
  }[limitedBy];
  const each = probes === 0 ? `${max}` : `(${max} + 1 for probes)`;
  const sum = `${replica === undefined ? "" : `the replica ${replica}: `}${instances} instances x ${each} = ${needed}`;
  const fits = Math.floor(limit / (2 * instances)) - probes;
  const remedy = `${fits >= 1 ? `DB_POOL_MAX=${fits}` : "fewer instances, or a pooler"}; or ${change}`;
  if (needed > limit) return wrong(`${sum}, more than ${limit}, ${whose}`, remedy, replica);
  if (2 * needed > limit)
    return warn(`${sum}, twice in a rolling deploy, more than ${limit}, ${whose}`, remedy, replica);
  return ok(`${sum}, twice in a rolling deploy, of ${limit}, ${whose}`);
}

/** By what the replica says of itself: its own limits, which may be others than the primary's. */
async function replicaCapacity(
  options: Examination["settings"]["replicas"][number],
  examination: Examination,
): Promise<Found> {
  const replica = `${options.host}:${options.port}`;
  let client: pg.Client | undefined;
  try {
    client = await examination.connect(options);
    return await capacityOf(client, examination, { max: options.max, probes: 0, replica });
  } catch (error) {
    if (error instanceof CannotLook)
      return skip(`the replica ${replica}: ${error.message}`, error.change, replica);
    const { kind, sqlstate } = classifyError(error);
    const why = sqlstate === undefined ? kind : `${kind} (${sqlstate})`;
    return skip(`the replica ${replica} could not be asked: ${why}`, "its URL, and whether it runs", replica);
  } finally {
    await client?.end();
  }
}
