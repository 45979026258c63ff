import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import type { LogLine } from "./stage.ts";

const PAGE = join(repositoryRoot(), "docs/operating/troubleshooting.md");

export interface Advice {
  /** What the row begins with. */
  readonly sees: string;
  readonly todo: string;
}

function rows(): Advice[] {
  return [...readFileSync(PAGE, "utf8").matchAll(/^\| (.+?) \| .+ \| (.+?) \|$/gm)].map(
    ([, sees = "", todo = ""]) => ({ sees, todo }),
  );
}

/** The row to which a line of the log leads, as the page itself says: by what stands in the first column. */
export function adviceFor({ code, sqlstate, event, kind }: LogLine): Advice | undefined {
  const isWhy = code !== "POOL_ACQUIRE_TIMEOUT" || kind === "timeout"; // else its kind is why there was no connection
  const words = [isWhy ? code : undefined, kind, sqlstate, event].filter((word) => word !== undefined);
  for (const word of words) {
    const found = rows().find(({ sees }) => sees.includes(`\`${String(word)}\``));
    if (found !== undefined) return found;
  }
  return undefined;
}
