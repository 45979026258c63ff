import { statSync } from "node:fs";
import { countChecks } from "../check-line.ts";
import type { Project } from "../project.ts";
import type { Group } from "../row.ts";

/** Of `Pool` and what it needs, minified, without pg and Drizzle. */
const LARGEST_CORE_KB = 60;
/** How much longer `@openhouse/pool` may take to import than pg alone, which it imports. */
const SLOWEST_IMPORT = 1.33;
const IMPORTS = 15;

export const BUNDLE: Group = {
  name: "bundle",
  title: "Bundled by esbuild, minified; size and time",
  rows: [
    {
      name: "esbuild",
      what: "bundled with pg, beside a second copy of pg",
      async try(outside) {
        const project = await outside.project("pg@latest", "esbuild@latest");
        const bundle = await bundled(project, "esm.mjs", "bundle/esm.mjs", []);
        const versions = `esbuild ${project.version("esbuild")}, pg ${project.version("pg")} inside, 8.21.0 beside`;
        if (bundle.wrong !== undefined) return { versions, checks: 1, wrong: [bundle.wrong] };
        await project.install("pg@8.21.0");
        const env = { MATRIX_URL: await outside.database() };
        const program = `await import("pg"); await import("./bundle/esm.mjs");`;
        const lines = await project.checks(process.execPath, ["--input-type=module", "--eval", program], env);
        return { versions, ...countChecks(lines), note: `${bundle.kB} kB with pg` };
      },
    },
    {
      name: "size",
      what: `Pool without pg and Drizzle: at most ${LARGEST_CORE_KB} kB`,
      async try(outside) {
        const project = await outside.project("pg@latest", "esbuild@latest");
        const [core, all] = [
          await bundled(project, "size-core.mjs", "bundle/core.mjs", ["--external:pg"]),
          await bundled(project, "size-all.mjs", "bundle/all.mjs", [
            "--external:pg",
            "--external:drizzle-orm",
          ]),
        ];
        const wrong = [core.wrong, all.wrong].filter((each) => each !== undefined);
        if (core.kB > LARGEST_CORE_KB) wrong.push(`Pool is ${core.kB} kB, and may be ${LARGEST_CORE_KB}`);
        const note = `Pool ${core.kB} kB; everything that \`.\` exports ${all.kB} kB`;
        return { versions: `esbuild ${project.version("esbuild")}`, checks: 1, wrong, note };
      },
    },
    {
      name: "import-time",
      what: `imported in at most ${SLOWEST_IMPORT} times the time of pg`,
      async try(outside) {
        const project = await outside.project("pg@latest");
        const times: { pg: number[]; "@openhouse/pool": number[] } = { pg: [], "@openhouse/pool": [] };
        // In turn, so that what else the machine does meets both; the shortest is what it takes when nothing does.
        for (let round = 0; round < IMPORTS; round++) {
          for (const name of ["pg", "@openhouse/pool"] as const) {
            const { stdout } = await project.run(process.execPath, ["import-time.mjs", name]);
            times[name].push(Number(stdout));
          }
        }
        const [plain, ours] = [Math.min(...times.pg), Math.min(...times["@openhouse/pool"])];
        const ratio = ours / plain;
        const wrong =
          ratio <= SLOWEST_IMPORT
            ? []
            : [`${ratio.toFixed(2)} times as long as pg, and may be ${SLOWEST_IMPORT}`];
        const note = `pg ${plain.toFixed(0)} ms, @openhouse/pool with it ${ours.toFixed(0)} ms: the shortest of ${IMPORTS}`;
        return {
          versions: `Node ${process.version.slice(1)}, pg ${project.version("pg")}`,
          checks: 1,
          wrong,
          note,
        };
      },
    },
  ],
};

async function bundled(
  project: Project,
  entry: string,
  outfile: string,
  flags: readonly string[],
): Promise<{ kB: number; wrong?: string }> {
  const esbuild = project.path("node_modules/esbuild/bin/esbuild");
  // What is CommonJS in pg asks for Node's modules by `require`, which an ES module does not have.
  const banner = `--banner:js=import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;
  const args = [
    "--bundle",
    "--minify",
    "--platform=node",
    "--format=esm",
    "--external:pg-native",
    banner,
    ...flags,
  ];
  const { code, stderr } = await project.run(process.execPath, [
    esbuild,
    entry,
    ...args,
    `--outfile=${outfile}`,
  ]);
  if (code !== 0) return { kB: 0, wrong: `esbuild ended with ${code}: ${stderr}` };
  return { kB: Math.round(statSync(project.path(outfile)).size / 1_000) };
}
