import { sql } from "drizzle-orm";
import { type Kind, type Lab, seconds, settled, withStack } from "./lab.ts";

export const fault = "server frozen for 3 s (deadline 500 ms)";
const FROZEN_MS = 3_000;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withStack(
    { kind, lab, options: { max: 1 }, extra: { queryTimeoutMs: 500 } },
    async ({ pool, db }) => {
      const { rows } = await pool.query("select pg_backend_pid() as pid");
      const frozen: number[] = [rows[0].pid, lab.server.pid];
      for (const pid of frozen) process.kill(pid, "SIGSTOP");
      const thaw = setTimeout(() => {
        for (const pid of frozen) process.kill(pid, "SIGCONT");
      }, FROZEN_MS);
      const outcome = await settled(db.execute(sql`select 1`), 2 * FROZEN_MS);
      const longest = `statement ends after ${seconds(outcome.tookMs)}`;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, FROZEN_MS + 100 - outcome.tookMs)));
      clearTimeout(thaw);
      const after = await settled(db.execute(sql`select 1`), 5_000);
      return `${longest}, then ${after.how === "done" ? "serves" : after.how}`;
    },
  );
}
