import { existsSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "@openhouse/pool-testing";
import { createMigratedDatabase } from "@openhouse/tooling/measure/database";
import { portalNamed } from "@openhouse/tooling/portals/portals";
import { measuredEnvironment, RunningPortal } from "@openhouse/tooling/portals/running-portal";
import type { Figures } from "./figures.ts";

/** How often a starting portal is asked, in milliseconds: often enough to time it, too seldom to weigh on it. */
const WAIT = { timeoutMs: 30_000, intervalMs: 10 };

let migrated: ReturnType<typeof createMigratedDatabase> | undefined;

/** Starts a built portal, waits until its pool is warm, and ends it. @throws why it did not get there. */
export async function startPortal(name: string, min: number, superuserUrl: string): Promise<Figures> {
  const built = portalNamed(name);
  if (!existsSync(join(built.directory, ".next", "BUILD_ID")))
    throw new Error("not built: `npm run build` does");
  migrated ??= createMigratedDatabase(superuserUrl, "bench_portals", "openhouse_bench_portal");
  const { appUrl } = await migrated;
  const port = await findFreePort();
  const env = measuredEnvironment({ DATABASE_URL: appUrl, DB_POOL_MIN: String(min) });
  const beganMs = performance.now();
  const portal = await RunningPortal.start("start", { ...built, port }, env, () => {});
  try {
    const hasConnections = async (least: number) => ((await connectionsOf(port)) ?? -1) >= least;
    await portal.until(() => hasConnections(0), { ...WAIT, what: "the portal to answer" });
    const answerMs = performance.now() - beganMs;
    await portal.until(() => hasConnections(min), { ...WAIT, what: "its pool to be warm" });
    return { answerMs, warmMs: performance.now() - beganMs };
  } finally {
    portal.kill();
    await portal.ended;
  }
}

/** @returns how many connections the pool has, once the database has answered. */
async function connectionsOf(port: number): Promise<number | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/api/health/db`);
  const body: { poolStats: { totalCount: number } } = await response.json();
  return response.status === 200 ? body.poolStats.totalCount : undefined;
}
