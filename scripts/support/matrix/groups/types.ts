import type { Project } from "../project.ts";
import type { Group, Row } from "../row.ts";

export const TYPES: Group = {
  name: "types",
  title: "TypeScript, strict, with every declaration checked",
  rows: ["5.4", "5.9", "7"].map(typesRow),
};

const RESOLUTIONS = {
  nodenext: ["--module", "nodenext"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler"],
};

function typesRow(version: string): Row {
  return {
    name: `tsc-${version}`,
    what: "nodenext and bundler, without and with Drizzle",
    async try(outside) {
      const wrong: string[] = [];
      const typescript = `typescript@${version}`;
      const bare = await outside.project("pg@latest", typescript);
      const withDrizzle = await outside.project("pg@latest", "drizzle-orm@latest", typescript);
      const foreign = new Map<string, number>();
      for (const [resolution, flags] of Object.entries(RESOLUTIONS)) {
        const errors = [
          ...(await errorsOf(bare, flags, "consumer.ts")),
          ...(await errorsOf(withDrizzle, flags, "consumer.ts", "consumer-drizzle.ts")),
        ];
        for (const error of errors) {
          const owner = ownerOf(error);
          if (owner === undefined) wrong.push(`${resolution}: ${error}`);
          else foreign.set(owner, (foreign.get(owner) ?? 0) + 1);
        }
      }
      const versions = `TypeScript ${bare.version("typescript")}, drizzle-orm ${withDrizzle.version("drizzle-orm")}`;
      const counts = [...foreign].map(([name, count]) => `${name} ${count}`).join(", ");
      return { versions, checks: 4, wrong, note: `errors in declarations of others: ${counts || "none"}` };
    },
  };
}

/** Whose declarations an error is in; undefined where it is in ours, or in the program that uses them. */
function ownerOf(error: string): string | undefined {
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(error) ?? [];
  return name === "@openhouse/pool" ? undefined : name;
}

/** A line an error. */
async function errorsOf(
  project: Project,
  flags: readonly string[],
  ...programs: string[]
): Promise<string[]> {
  const options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2022", ...flags];
  const tsc = project.path("node_modules/typescript/bin/tsc");
  const { code, stdout, stderr } = await project.run(process.execPath, [
    tsc,
    "--pretty",
    "false",
    ...options,
    ...programs,
  ]);
  const errors = stdout.split("\n").filter((line) => /error TS\d+/.test(line));
  return code !== 0 && errors.length === 0 ? [`tsc ended with ${code}: ${stderr}${stdout}`] : errors;
}
