import { type Database, withRetry } from "@openhouse/db/client";
import { type Answer, type Kept, keepAnswer } from "@openhouse/db/queries/answers";

/** How long to go on trying while the database is away, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Stores an answer, again and again while the database is away, at most 20 s. Storing it twice does no harm, so a write
 * whose outcome is unknown is repeated too.
 *
 * @throws the last error where the database stayed away.
 */
export async function saveWithRetry(db: Database, answer: Answer): Promise<Kept> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const storable = { ...answer, body: answer.body.replaceAll("\0", "").replace(/\p{Surrogate}/gu, "\uFFFD") };
  for (;;) {
    try {
      return await withRetry(() => keepAnswer(db, storable), {
        idempotent: true,
        attempts: Number.POSITIVE_INFINITY,
        signal,
      });
    } catch (error) {
      if (signal.aborted || !isUnknown(error)) throw error;
    }
  }
}

/** Whether nobody knows if the write was kept. Drizzle wraps the pool's error. */
function isUnknown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "COMMIT_UNKNOWN") || isUnknown(error.cause);
}
