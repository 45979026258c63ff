import { parseArgs } from "node:util";
import { WORKS, worksOf } from "../work/index.ts";
import type { PeersWish } from "./peers.ts";
import type { Effort, Work } from "./work.ts";

export const USAGE = `npm run bench -- [options]
  --only 1,5b     these works only (${WORKS.map(({ id }) => id).join(", ")})
  --rounds 5      how often each is measured
  --quick         one short round, to see that it works; its figures mean little
  --profile       where the processor time of ours goes, by function; profiles in bench/results/profiles
  --install       installs the peers that are missing; without --quick that is so anyway
  --no-peers      leaves out postgres.js and Prisma
  --write-docs    writes docs/BENCHMARKS.md and its charts
  --from-results  measures nothing and takes the results of the last whole run`;

export interface Arguments {
  readonly works: readonly Work[];
  readonly effort: Effort;
  readonly peers: PeersWish;
  readonly writeDocs: boolean;
  readonly fromResults: boolean;
  readonly profile: boolean;
}

/** @throws they are wrong; the message says how. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      "no-peers": { type: "boolean", default: false },
      install: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
      "from-results": { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  const { quick } = values;
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be a whole number above 0, got ${values.rounds}`);
  return {
    works: values.only === undefined ? WORKS : values.only.split(",").flatMap(worksOf),
    effort: quick
      ? { quick, rounds, warmUpMs: 200, measureMs: 300 }
      : { quick, rounds, warmUpMs: 250, measureMs: 650 },
    peers: values["no-peers"] ? "none" : values.install || !quick ? "install" : "those installed",
    writeDocs: values["write-docs"],
    fromResults: values["from-results"],
    profile: values.profile,
  };
}
