import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { newPostgresDirectory } from "./support/script.ts";

const RESULTS = join(repositoryRoot(), "bench", "results", "bench-partial.json");

/** As npm would run it, on a server of its own. */
async function bench(...args: string[]): Promise<{ code: number | null; output: string }> {
  const place = newPostgresDirectory();
  try {
    const child = spawn(process.execPath, ["--import", "tsx", "bench/bench.ts", ...args], {
      cwd: repositoryRoot(),
      env: { ...process.env, EMBEDDED_POSTGRES_DIR: place.path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += String(chunk);
      });
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
  } finally {
    place.remove();
  }
}

test("the bench measures ours and its peers, and says who is left out and why", async () => {
  const { code, output } = await bench("--quick", "--only", "1", "--no-peers");
  expect(code, output).toBe(0);
  expect(output).toContain("left out: Prisma 7 (adapter-pg): --no-peers");

  const { works, goals } = JSON.parse(readFileSync(RESULTS, "utf8"));
  const measured = new Map<string, number>();
  for (const { title, rounds } of works[0].entries) measured.set(title, rounds[0]?.perSecond);
  for (const title of ["ours", "drizzle(pg.Pool)", "drizzle(pg.Client)", "Kysely(pg.Pool)", "raw pg"]) {
    expect(measured.get(title), title).toBeGreaterThan(0);
    expect(output).toMatch(new RegExp(`^ *${title.replace(/[()]/g, "\\$&")} +[\\d,]+ `, "m"));
  }
  expect(goals[0].measured.median).toBeCloseTo(
    (measured.get("ours") ?? 0) / (measured.get("drizzle(pg.Pool)") ?? 0),
  );
}, 120_000);

test("what cannot be asked for is refused before a server is started", async () => {
  const { code, output } = await bench("--only", "99");
  expect(code).toBe(1);
  expect(output).toContain("there is no work 99");
});
