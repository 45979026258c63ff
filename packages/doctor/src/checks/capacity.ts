import { CONNECTION_LIMITS, type ConnectionLimits, leastLimit } from "@openhouse/pool";
import type { Check } from "../check.ts";
import { CannotLook, ok, warn, wrong } from "../finding.ts";
import { isBehindPooler } from "./pooler.ts";

export const capacity: Check = {
  id: "capacity",
  title: "connections that the instances may open",
  why: "whoever comes last is refused with 53300, and during a rolling deploy old and new instances run side by side",
  async look(examination) {
    const { app, settings } = examination;
    if (await isBehindPooler(app))
      throw new CannotLook(
        "a pooler stands in between, whose limits are not the server's",
        "compare instances x (DB_POOL_MAX + 1), twice for a rolling deploy, with the pooler's max_client_conn",
      );
    const instances = examination.options.instances ?? 1;
    const max = settings.mode === "pool" ? settings.options.max : 1;
    const needed = instances * ((max ?? 1) + 1);
    const { rows } = await app.query<ConnectionLimits>(`select ${CONNECTION_LIMITS}`);
    const { limit, limitedBy } = leastLimit(rows[0] ?? { server: 0, role: -1, database: -1 });
    const { user, database } = settings.options;
    const [whose, change] = {
      server: ["max_connections less reserved", "alter system set max_connections; restart"],
      role: [`the limit of the role ${user}`, `alter role ${examination.role} connection limit -1`],
      database: [
        `the limit of the database ${database}`,
        `alter database ${examination.database} connection limit -1`,
      ],
    }[limitedBy];
    const sum = `${instances} instances x (${max} + 1 for probes) = ${needed}`;
    const fits = Math.floor(limit / (2 * instances)) - 1;
    const remedy = `${fits >= 1 ? `DB_POOL_MAX=${fits}` : "fewer instances, or a pooler"}; or ${change}`;
    if (needed > limit) return [wrong(`${sum}, more than ${limit}, ${whose}`, remedy)];
    if (2 * needed > limit)
      return [warn(`${sum}, twice in a rolling deploy, more than ${limit}, ${whose}`, remedy)];
    return [ok(`${sum}, twice in a rolling deploy, of ${limit}, ${whose}`)];
  },
};
