import { readOptions } from "@openhouse/tooling/measure/arguments";
import type { RunOptions } from "./compare/work.ts";
import { WORKS, worksOf } from "./work/index.ts";

export const USAGE = `npm run bench -- [options]
  --only 1,5b     these works only (${WORKS.map(({ id }) => id).join(", ")})
  --rounds 5      how often each is measured
  --quick         one short round, to see that it works; its figures mean little
  --profile       where the processor time of ours goes, by function; profiles in bench/results/profiles
  --install       installs the peers that are missing; without --quick that is so anyway
  --no-peers      leaves out postgres.js and Prisma
  --write-docs    writes the results into docs/BENCHMARKS.md, and its chart
  --from-results  measures nothing and takes the results of the last whole run`;

/** @throws {UserError} they are wrong; the message says how. */
export function readBenchOptions(args: readonly string[]) {
  const options = readOptions(args, {
    only: "text",
    rounds: { fallback: 0, min: 1, max: 1_000, whole: true },
    quick: "switch",
    "no-peers": "switch",
    install: "switch",
    "write-docs": "switch",
    "from-results": "switch",
    profile: "switch",
  });
  const { quick, only } = options;
  const rounds = options.rounds || (quick ? 1 : 5);
  const run: RunOptions = quick
    ? { quick, rounds, warmUpMs: 200, measureMs: 300 }
    : { quick, rounds, warmUpMs: 250, measureMs: 650 };
  return {
    ...options,
    run,
    works: only === undefined ? WORKS : only.split(",").flatMap(worksOf),
    peers: options["no-peers"] ? "none" : options.install || !quick ? "install" : "those installed",
  } as const;
}
