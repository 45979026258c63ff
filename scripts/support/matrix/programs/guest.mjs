import { isDeepStrictEqual } from "node:util";
import { Pool } from "@openhouse/pool";
import pg from "pg";
import { report } from "./small-job.mjs";

// One guest's job on a plain pg.Pool and on ours, step by step: what is reported is where they differ, and what failed on both.
const { work } = await import(`./guests/${process.argv[2]}.mjs`);
const options = (connectionString) => ({ connectionString, max: 4, allowExitOnIdle: false });
const silent = { info() {}, warn() {}, error() {} };
const plain = await steps(pg.Pool, options(process.env.MATRIX_PLAIN_URL));
const ours = await steps(Pool, { ...options(process.env.MATRIX_URL), ssl: false, logger: silent });
report(
  [...new Set([...Object.keys(plain), ...Object.keys(ours)])].map((name) => {
    const [one, other] = [plain[name], ours[name]];
    if (isDeepStrictEqual(one, other) && !("failed" in (one ?? {}))) return { name };
    return { name, wrong: `plain ${JSON.stringify(one)}, ours ${JSON.stringify(other)}` };
  }),
);
process.exit(0); // some guests leave timers behind

async function steps(PoolClass, poolOptions) {
  const done = {};
  const pool = new PoolClass(poolOptions);
  pool.on("error", () => {});
  const step = async (name, act) => {
    try {
      // As JSON has it: two pools' clients and dates are never the same objects.
      done[name] = { gave: JSON.parse(JSON.stringify((await act()) ?? null)) };
    } catch (error) {
      done[name] = { failed: `${error?.code ?? error?.name}: ${error?.message}` };
    }
  };
  await step("the job", () => work({ pool, PoolClass, poolOptions, step }));
  await step("end", async () => {
    if (!pool.ended) await pool.end();
    return pool.totalCount;
  });
  return done;
}
