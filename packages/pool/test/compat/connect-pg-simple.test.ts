import connectPgSimple from "connect-pg-simple";
import session, { type SessionData, type Store } from "express-session";
import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

/** A method of a store, which calls back, as a promise. */
function promised<T>(call: (callback: (error: unknown, value?: T) => void) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}

test("connect-pg-simple keeps, finds, touches and destroys sessions", async () => {
  const pool = database.pool();
  const PgStore = connectPgSimple(session);
  const store: Store & { close(): void } = new PgStore({
    pool,
    createTableIfMissing: true,
    pruneSessionInterval: false,
  });
  const kept = { cookie: { maxAge: 60_000, originalMaxAge: 60_000 }, user: "ann" } as unknown as SessionData;
  const find = () => promised<SessionData | null>((done) => store.get("sid-1", done));

  await promised((done) => store.set("sid-1", kept, done));
  expect(await find()).toMatchObject({ user: "ann" });
  await promised((done) => store.touch?.("sid-1", kept, () => done(undefined)));
  await promised((done) => store.destroy("sid-1", done));
  expect(await find()).toBeUndefined();

  store.close();
  expect(pool.ended).toBe(false); // it is not the store's
});
