import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

test("rate-limiter-flexible makes its table and counts what arrives at once", async () => {
  const pool = database.pool({ max: 4 });
  const limiter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
    const made: RateLimiterPostgres = new RateLimiterPostgres(
      { storeClient: pool, tableName: "rate_limits", points: 3, duration: 60, clearExpiredByTimeout: false },
      (error) => (error ? reject(error) : resolve(made)),
    );
  });
  const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => limiter.consume("ann")));
  const refused = attempts.filter((attempt) => attempt.status === "rejected");
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(RateLimiterRes);
  expect(await limiter.get("bob")).toBeNull();
  expect(await limiter.delete("ann")).toBe(true);
  expect(await limiter.consume("ann")).toMatchObject({ consumedPoints: 1, remainingPoints: 2 });
});
