const DELAY_MS = 20;
const WITHIN_MS = 5_000;

/**
 * The ten checks that every row does with the package, in an empty database.
 *
 * @param entries the modules `@openhouse/pool`, its `/http` and `/tenants`: each row loads them in its own way.
 * @returns a line a check: its name, and what was wrong, where something was.
 */
export async function smallJob({ root, http, tenants }, connectionString) {
  const lines = [];
  const check = async (name, work) => {
    try {
      await work();
      lines.push({ name });
    } catch (error) {
      lines.push({ name, wrong: `${error?.code ?? error?.name}: ${error?.message}` });
    }
  };
  const pool = new root.Pool({
    connectionString,
    ssl: false,
    max: 2,
    logger: { warn() {}, error() {}, info() {} },
  });
  const values = async (text, parameters) =>
    (await pool.query({ text, values: parameters, rowMode: "array" })).rows.flat();
  const codeOf = (work) =>
    work.then(
      () => "no error",
      (error) => error.code,
    );

  await check("query", async () => {
    await pool.query("create table account (id int primary key, tenant text not null)");
    same(await values("select $1::int + 1", [1]), [2]);
  });
  await check("a refused statement keeps its connection", async () => {
    const [before] = await values("select pg_backend_pid()");
    same(await codeOf(pool.query("select 1/0")), "22012");
    same(await values("select pg_backend_pid()"), [before]);
  });
  await check("transaction", async () => {
    await inTransaction(pool, "commit", (client) =>
      client.query("insert into account values (1, 'a'), (2, 'b')"),
    );
    same(await values("select count(*)::int from account"), [2]);
  });
  await check("rollback", async () => {
    await inTransaction(pool, "rollback", (client) => client.query("insert into account values (3, 'c')"));
    same(await values("select count(*)::int from account"), [2]);
  });
  await check("scoped statement under row-level security", async () => {
    await pool.query(`
      do $$ begin create role matrix_tenant; exception when duplicate_object or unique_violation then null; end $$;
      grant select on account to matrix_tenant;
      alter table account enable row level security;
      create policy own on account using (tenant = current_setting('app.tenant_id'))`);
    const tenant = tenants.scoped(pool, { role: "matrix_tenant", "app.tenant_id": "a" });
    same((await tenant.query("select id from account")).rows, [{ id: 1 }]);
    same(
      await values(
        "select count(*)::int, current_user::text, coalesce(current_setting('app.tenant_id', true), '') from account",
      ),
      [2, "postgres", ""],
    );
  });
  await check("timeout, cancelled on the server", async () => {
    const sleeping = { text: "select pg_sleep(60) as overlong", query_timeout: 200 };
    same(await codeOf(pool.query(sleeping)), "STATEMENT_TIMEOUT");
    await until(async () => {
      const [running] = await values(
        "select count(*)::int from pg_stat_activity where state = 'active' and query like '%as overlong' and datname = current_database() and pid <> pg_backend_pid()",
      );
      return running === 0;
    }, "the statement to end on the server");
  });
  await check("a bounded wait for a connection", async () => {
    const held = await Promise.all([pool.connect(), pool.connect()]);
    same(await codeOf(pool.acquire({ timeoutMs: 100 })), "POOL_ACQUIRE_TIMEOUT");
    for (const client of held) client.release();
  });
  await check("a killed backend is replaced", async () => {
    const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
    const pidOf = async (client) => (await client.query("select pg_backend_pid() as pid")).rows[0].pid;
    const killed = await pidOf(one);
    one.release();
    await other.query("select pg_terminate_backend($1)", [killed]);
    // A statement that the server has already been sent when it goes is lost: one that comes later is not.
    await until(async () => pool.totalCount === 1, "the loss to be noticed");
    const [next] = await values("select pg_backend_pid()");
    other.release();
    if (next === killed) throw new Error("the killed backend answered");
  });
  await check("health", async () => {
    const health = http.poolHealth(pool);
    try {
      same((await health.ready(new Request("http://localhost/"))).status, 200);
    } finally {
      await health.close();
    }
  });
  await check("end", async () => {
    await pool.end();
    same(pool.totalCount, 0);
    same(await codeOf(pool.query("select 1")), "POOL_CLOSED");
  });
  return lines;
}

/** What a row reads of a program: the last line that it prints. */
export function report(lines) {
  console.log(JSON.stringify(lines));
}

export function same(found, expected) {
  const [one, other] = [found, expected].map((each) => JSON.stringify(each));
  if (one !== other) throw new Error(`${one} instead of ${other}`);
}

async function inTransaction(pool, end, work) {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await work(client);
    await client.query(end);
  } finally {
    client.release();
  }
}

export async function until(isSo, what) {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${WITHIN_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
  }
}
