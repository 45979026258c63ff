import { countChecks } from "../check-line.ts";
import type { Outside } from "../outside.ts";
import type { Group, Row, Tried } from "../row.ts";

export const DRIVERS: Group = {
  name: "drivers",
  title: "pg and Drizzle, oldest and newest",
  rows: [
    pgRow("pg-8.21", "8.21.0"),
    pgRow("pg-newest", "8"),
    {
      name: "pg-8.20",
      what: "refused at import, with what to install",
      async try(outside) {
        const project = await outside.project("pg@8.20.0", "--legacy-peer-deps");
        const lines = await project.checks(process.execPath, ["refusal.mjs"], {});
        return { versions: `pg ${project.version("pg")}`, ...countChecks(lines) };
      },
    },
    drizzleRow("drizzle-0.45", async () => "0.45.4"),
    drizzleRow("drizzle-1.0-rc", (outside) => outside.newestVersion("drizzle-orm", /^1\.0\.0-rc\.\d+$/)),
  ],
};

function pgRow(name: string, version: string): Row {
  return {
    name,
    what: "ten checks, and named statements",
    async try(outside) {
      const project = await outside.project(`pg@${version}`);
      const job = await project.checks(process.execPath, ["esm.mjs"], {
        MATRIX_URL: await outside.database(),
      });
      const named = await project.checks(process.execPath, ["named.mjs"], {
        MATRIX_URL: await outside.database(),
      });
      return { versions: `pg ${project.version("pg")}`, ...countChecks([...job, ...named]) };
    },
  };
}

function drizzleRow(name: string, versionOf: (outside: Outside) => Promise<string>): Row {
  return {
    name,
    what: "drizzleOverPool and drizzle(pool): eight checks",
    async try(outside): Promise<Tried> {
      const project = await outside.project("pg@latest", `drizzle-orm@${await versionOf(outside)}`);
      const env = { MATRIX_URL: await outside.database() };
      const lines = await project.checks(process.execPath, ["drizzle.mjs"], env);
      return { versions: `drizzle-orm ${project.version("drizzle-orm")}`, ...countChecks(lines) };
    },
  };
}
