import { type Kind, type Lab, withStack } from "./lab.ts";

export const fault = "schema changes under a prepared statement";
const TURNS = 10;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withStack({ kind, lab, options: { max: 1 } }, async ({ pool }) => {
    await pool.query("drop table if exists row_14; create table row_14 (id int)");
    const client = await pool.connect();
    const select = { name: "all_of_row_14", text: "select * from row_14" };
    let failed = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      await client.query(select).catch(() => failed++);
      if (turn === 0) await client.query("alter table row_14 add column note text");
    }
    client.release();
    return `${failed} of ${TURNS - 1} executions fail on a kept connection`;
  });
}
