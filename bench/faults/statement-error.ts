import { sql } from "drizzle-orm";
import { type Kind, type Lab, withStack } from "./lab.ts";

export const fault = "a statement fails (400 unique violations)";
const VIOLATIONS = 400;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withStack({ kind, lab, options: { max: 4 } }, async ({ pool, db }) => {
    await pool.query(
      "drop table if exists row_01; create table row_01 (id int primary key); insert into row_01 values (1)",
    );
    let backends = 0;
    pool.on("connect", () => backends++);
    const startedAtMs = performance.now();
    let left = VIOLATIONS;
    const violate = async () => {
      while (left-- > 0) await db.execute(sql`insert into row_01 values (1)`).catch(() => {});
    };
    await Promise.all([violate(), violate(), violate(), violate()]);
    const perSecond = (VIOLATIONS / (performance.now() - startedAtMs)) * 1_000;
    return `${Math.max(0, backends - 3)} new backends, ${Math.round(perSecond)}/s`;
  });
}
