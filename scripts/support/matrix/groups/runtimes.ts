import { chmodSync } from "node:fs";
import { countChecks } from "../check-line.ts";
import type { Group } from "../row.ts";

/** Their own packages fetch a binary after they are installed; those of one platform have it in them. */
export const RUNTIMES: Group = {
  name: "runtimes",
  title: "Bun and Deno",
  rows: [
    {
      name: "bun",
      what: "ten checks",
      async try(outside) {
        const name = `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
        const bun = await outside.tool(`${name}@latest`);
        const project = await outside.project("pg@latest");
        const env = { MATRIX_URL: await outside.database() };
        const program = bun.path("node_modules", name, "bin/bun");
        chmodSync(program, 0o755);
        const lines = await project.checks(program, ["run", "esm.mjs"], env);
        return { versions: `Bun ${bun.version(name)}`, ...countChecks(lines) };
      },
    },
    {
      name: "deno",
      what: "ten checks",
      async try(outside) {
        const platform =
          process.platform === "linux"
            ? `linux-${process.arch}-glibc`
            : `${process.platform}-${process.arch}`;
        const name = `@deno/${platform}`;
        const deno = await outside.tool(`${name}@latest`);
        const project = await outside.project("pg@latest");
        const env = { MATRIX_URL: await outside.database() };
        const program = deno.path("node_modules", name, "deno");
        chmodSync(program, 0o755);
        const flags = ["run", "--no-prompt", "--allow-all", "--node-modules-dir=manual", "esm.mjs"];
        const lines = await project.checks(program, flags, env);
        return { versions: `Deno ${deno.version(name)}`, ...countChecks(lines) };
      },
    },
  ],
};
