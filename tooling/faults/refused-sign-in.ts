import { waitFor } from "@openhouse/pool-testing";
import type { BenchContext } from "./context.ts";
import { observing } from "./observe.ts";
import { distinct, innermost, settle } from "./settle.ts";
import { openAll, withSubject } from "./subject.ts";

const CALLERS = 20;

/** The role's password is changed while somebody keeps the one connection that is open, and later the pool learns of it. */
export function refusedSignIn(context: BenchContext) {
  return observing(context, async (observer) => {
    const setPassword = (password: string) => observer.query(`alter role changed password '${password}'`);
    await observer.query("drop role if exists changed; create role changed login password 'old'");
    const url = new URL(context.url);
    url.username = "changed";
    let known = "old";
    let signIns = 0;
    const password = () => {
      signIns++;
      return known;
    };
    const options = {
      connectionString: undefined,
      host: url.hostname,
      port: Number(url.port),
      database: url.pathname.slice(1),
      user: "changed",
      password,
      max: 10,
    };
    const outcome = await withSubject(context, options, async ({ pool }) => {
      await openAll(pool, 1);
      const kept = await pool.connect();
      await setPassword("new");
      signIns = 0;
      const told: string[] = [];
      for (let caller = 0; caller < CALLERS; caller++) {
        const { end, error } = await settle(pool.query("select 1"), 10_000);
        const inner = innermost(error);
        told.push("code" in inner ? String(inner.code) : end);
      }
      const refused = signIns;
      known = "new";
      const serves = () => pool.query("select 1").then(() => true);
      await waitFor(serves, { what: "a sign-in with the new password" });
      kept.release();
      return { told: distinct(told), signIns: refused, served: true };
    });
    await observer.query("drop role changed");
    return outcome;
  });
}
