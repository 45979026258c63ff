import { CommitUnknownError } from "@openhouse/pool";
import { sql } from "drizzle-orm";
import { innermost, type Kind, type Lab, type Stack, withProxy, withStack } from "./lab.ts";

export const fault = "connection lost in a transaction; a failure swallowed";

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withProxy(lab, (proxy, url) =>
    withStack({ kind, lab, url, options: { max: 2 } }, async (stack) => {
      await stack.pool.query("drop table if exists row_04; create table row_04 (id int)");
      const own = new Error("the application's own");
      const masked = await failure(stack, async (tx) => {
        await tx.execute(sql`select 1`);
        proxy.cut();
        throw own;
      });
      proxy.cutAfter("commit");
      const lost = await failure(stack, (tx) => tx.execute(sql`insert into row_04 values (1)`));
      const swallowed = await failure(stack, async (tx) => {
        await tx.execute(sql`insert into row_04 values (2)`);
        await tx.execute(sql`select 1 / 0`).catch(() => {});
      });
      const wrong = [
        innermost(masked) === own ? "" : "error masked",
        lost instanceof CommitUnknownError ? "" : "lost COMMIT looks unsent",
        swallowed === undefined ? "success told, nothing kept" : "",
      ].filter(Boolean);
      return wrong.length === 0
        ? "3 of 3 told right"
        : `${3 - wrong.length} of 3 told right: ${wrong.join(", ")}`;
    }),
  );
}

type Work = Parameters<Stack["db"]["transaction"]>[0];

function failure({ db }: Stack, work: Work): Promise<unknown> {
  return db.transaction(work).then(
    () => undefined,
    (error: unknown) => error,
  );
}
