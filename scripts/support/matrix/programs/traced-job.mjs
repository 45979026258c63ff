/**
 * What a tracer is to see of a pool: the spans of each statement, beneath those of its caller.
 *
 * @param tracer `inSpan(name, work)` runs `work` in a span of that name; `finished()` resolves with the spans that ended since it
 *   was asked last, `{ id, parent, name, … }`, of which all but the two ids is compared.
 */
export async function tracedJob({ pool, step }, { inSpan, finished }) {
  const traced = (name, work) =>
    step(name, async () => {
      const gave = await inSpan("request", work).catch(({ code }) => code);
      const spans = treeOf(await finished());
      if (!spans.some((line) => line.includes("select")))
        throw new Error(`no statement in ${spans.join(", ")}`);
      return { gave, spans };
    });

  await traced("a query", async () => (await pool.query("select $1::int as n", [1])).rows);
  await traced("a query with a callback", () => {
    return new Promise((resolve, reject) => {
      pool.query("select 2 as n", (error, result) => (error ? reject(error) : resolve(result.rows)));
    });
  });
  await traced("a transaction", async () => {
    const client = await pool.connect();
    for (const text of ["begin", "select 1", "rollback"]) await client.query(text);
    client.release();
  });
  await traced("what follows a query is beneath its caller", async () => {
    await pool.query("select 3");
    await inSpan("afterwards", async () => {});
  });
  // More than there are connections: who waits is served by what another caller releases.
  await traced("ten callers on four connections", () => {
    const callers = Array.from({ length: 10 }, (_, n) =>
      inSpan(`caller ${n}`, async () => (await pool.query("select $1::int as n", [n])).rows[0].n),
    );
    return Promise.all(callers);
  });
  await traced("a refused query", () => pool.query("select 1/0"));
}

/** How it looks for a pooler on a new connection. */
const ASKED_FIRST = "select pg_catalog.pg_backend_pid() as pid";

/** A line a span. How many connections a pool opens, and what it asks each of them first, is its own affair. */
function treeOf(spans) {
  const names = new Map(spans.map(({ id, name }) => [id, name]));
  return spans
    .filter(({ name, text }) => !/^(pg|tcp)\.connect$/.test(name) && ![name, text].includes(ASKED_FIRST))
    .map(({ id: _, parent, name, ...compared }) => {
      const line = `${names.get(parent) ?? "none"} > ${name} ${JSON.stringify(compared)}`;
      return line.replaceAll(/matrix_\d+/g, "database");
    })
    .sort();
}
