import type { DatabaseFigures } from "@openhouse/web/database-figures";

const TIMEOUT_MS = 5_000;

export type Reading =
  | { outcome: "figures"; figures: DatabaseFigures }
  /** The session has ended; asking again is pointless. */
  | { outcome: "signed-out" }
  /** The portal itself does not answer. */
  | { outcome: "no-answer" };

/**
 * Reads the figures once. Without the database nobody's session can be looked up, so `/api/database` answers 503; the health route,
 * which is open to everybody and knows less, has the say then.
 *
 * @param bounds the pool's, which the health route does not tell.
 */
export async function readFigures(
  bounds: Pick<DatabaseFigures, "max" | "min">,
  signal: AbortSignal,
): Promise<Reading> {
  const response = await ask("/api/database", signal);
  if (response?.status === 401 || response?.status === 403) return { outcome: "signed-out" };
  if (response?.ok) return { outcome: "figures", figures: await response.json() };
  const health = await ask("/api/health/db", signal);
  const body = await health?.json().catch(() => null);
  if (!body?.poolStats) return { outcome: "no-answer" };
  const { totalCount, idleCount, waitingCount } = body.poolStats;
  return {
    outcome: "figures",
    figures: {
      ...bounds,
      status: body.status,
      latencyMs: body.latencyMs,
      ...(body.error !== undefined && { error: body.error }),
      used: totalCount - idleCount,
      idle: idleCount,
      waiting: waitingCount,
    },
  };
}

async function ask(path: string, signal: AbortSignal): Promise<Response | null> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  return fetch(path, { cache: "no-store", signal: limited }).catch(() => null);
}
