import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { parseAst } from "rolldown/parseAst";
import { beforeAll, describe, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { BUDGET } from "../src/health/connection-budget.ts";
import { SERVER_STATE } from "../src/health/server-state.ts";
import { guarded, settingsFor } from "../src/query/local-settings.ts";
import { POSITION_TEXT } from "../src/query/read-token.ts";
import { PRIMARY_STATE, REPLICA_STATE } from "../src/replicas/lag.ts";
import { findCatalogFaults, onlyBoundRoles } from "../src/tenants.ts";
import { HOSTILE_PATH, SHADOWS, WAS_ASKED } from "./support/hostile-path.ts";
import { useDatabase } from "./support/pools.ts";
import { unqualifiedIn } from "./support/unqualified.ts";

/**
 * Statements that are written by us, and run where somebody else may have made the path: on a connection of the pool's whose
 * search_path is the borrowers', and on the owner's, in a database where others could create in `public` before it was closed.
 * Those of the portals themselves run as a role that can create nothing, and are Drizzle's to write.
 */
const SOURCES = [
  "packages/pool/src",
  ...["migrate.ts", "roles.ts", "signing-key.ts", "tenant-token.ts", "value-statistics.ts"].map(
    (file) => `packages/db/src/${file}`,
  ),
];

/** Whether a literal of TypeScript is, or is a part of, a statement that names something. An ellipsis stands in messages, words alone in lists of them. */
const isStatement = (text: string) =>
  /\bselect\b.*\b(from|as|where)\b|\bselect [\w.]+\(|\b(delete from|insert into|update) \w|::|\boperator\(|\b(pg_\w+|set_config|current_setting)\(/s.test(
    text,
  ) &&
  !/…|[a-z]: [a-z]/.test(text) &&
  /[^\w\s]/.test(text);

interface Node {
  readonly type: string;
  readonly start: number;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly cooked: string | null } }[];
}

/** Literals with what is put into them as a number, which is neither a name nor an operator; types and regular expressions have none. */
function literalsOf(source: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  const walk = (node: Node) => {
    const text =
      node.type === "TemplateLiteral"
        ? node.quasis
            ?.map(({ value }) => value.cooked ?? "")
            .reduce((before, part) => `${before}${before.endsWith("$") ? "" : " "}0 ${part}`)
        : node.type === "Literal" && typeof node.value === "string"
          ? node.value
          : undefined;
    if (text !== undefined) found.push({ text, line: source.slice(0, node.start).split("\n").length });
    for (const child of Object.values(node).flat())
      if (child !== null && typeof child === "object" && "type" in child) walk(child as Node);
  };
  walk(parseAst(source, { lang: "ts" }) as unknown as Node);
  return found;
}

function filesOf(path: string): string[] {
  if (path.endsWith(".ts")) return [path];
  return readdirSync(join(repositoryRoot(), path), { recursive: true, encoding: "utf8" })
    .filter((entry) => entry.endsWith(".ts"))
    .map((entry) => `${path}/${entry}`);
}

const STATEMENTS = SOURCES.flatMap(filesOf).flatMap((file) =>
  literalsOf(readFileSync(join(repositoryRoot(), file), "utf8"))
    .filter(({ text }) => isStatement(text))
    .map(({ text, line }) => ({ at: `${file}:${line}`, text })),
);

test("what we write into statements is the server's by its schema, whatever search_path is", () => {
  const faults = STATEMENTS.map(({ at, text }) => ({ at, found: unqualifiedIn(text) }));
  expect(faults.filter(({ found }) => found.length > 0)).toEqual([]);
  expect(STATEMENTS.length).toBeGreaterThan(25);
});

describe("what is looked up by the path is found", () => {
  test.each([
    ["a function", "select now()", ["function now"]],
    ["one of another schema", "select public.lower('A')", ["function public.lower"]],
    ["an operator", "select 1 + 2", ["operator +"]],
    ["an operator of two signs", "select pg_catalog.now() >= $1", ["operator >", "operator ="]],
    ["a type", "select '1'::text", ["type text"]],
    ["a table", "select oid from pg_class", ["table pg_class"]],
    ["a word that is an operator", "select 1 where $1 in (1, 2)", ["operator in"]],
    ["nothing of the grammar's", "select case when coalesce($1, 1)::int is null then array[1] end", []],
    [
      "nothing of the server's",
      "select pg_catalog.count(*) from pg_catalog.pg_class where oid operator(pg_catalog.=) $1::pg_catalog.oid",
      [],
    ],
    ["nothing of the statement's own", "with a (x) as (select 1) select b.x from a join a as b on true", []],
  ])("%s: %s", (_what, text, found) => {
    expect(unqualifiedIn(text)).toEqual(found);
  });
});

describe("where another schema comes before pg_catalog, with all that it has", () => {
  const database = useDatabase();
  beforeAll(async () => void (await (await database.observer()).query(SHADOWS)));
  const pool = (options: PoolOptions = {}) => database.pool({ options: HOSTILE_PATH, max: 1, ...options });

  test.each([
    ["a function", "select pg_backend_pid()"],
    ["an operator", "select 1 = 1"],
    ["a table", "select oid from pg_class"],
    ["a type", "select '1'::text"],
  ])("%s is that schema's", async (_what, text) => {
    await expect(pool().query(text)).rejects.toThrow(WAS_ASKED);
  });

  test.each([
    ["the server's state", `select ${SERVER_STATE}`],
    ["the budget of connections", BUDGET],
    ["the primary's state", PRIMARY_STATE],
    ["a replica's state", REPLICA_STATE],
    ["where the log ends", POSITION_TEXT],
  ])("the server is asked for %s", async (_what, text) => {
    expect((await pool().query(text)).rows).toHaveLength(1);
  });

  test("a scope is set, and a replica that has not come far enough is found out", async () => {
    const [client, settings] = [await database.observer(), settingsFor({ "app.tenant_id": "a" })];
    await client.query("set search_path to early, public, pg_catalog");
    const { text, values } = guarded(settings, "0/0")(client);
    // A primary replays nothing, so that the comparison is null, and so is what stands behind it.
    expect((await client.query(text, [...values])).rows).toEqual([{ "?column?": 1 }]);
  });

  test("the role is looked at, and what is wrong with it is found", async () => {
    await expect(pool({ check: onlyBoundRoles() }).query("select")).rejects.toThrow("is a superuser");
  });

  test("a session is reset and set up again", async () => {
    const settings = { session: { "app.mark": "set up" } };
    const one = pool(settings);
    const borrowed = await one.connect();
    const { rows } = await borrowed.query(
      "select pg_catalog.pg_backend_pid() as pid, pg_catalog.pg_advisory_lock(42)",
    );
    borrowed.release();
    const look = `select pg_catalog.pg_backend_pid() as pid, pg_catalog.current_setting('app.mark') as mark,
      (select pg_catalog.count(*)::int from pg_catalog.pg_locks where locktype operator(pg_catalog.=) 'advisory') as locks`;
    const next = await one.query(look);
    expect(next.rows).toEqual([{ pid: rows[0]?.pid, mark: "set up", locks: 0 }]);
  });

  test("the catalog is walked", async () => {
    const client = await database.observer();
    await client.query("create table public.bare (); set search_path to early, public, pg_catalog");
    const faults = await findCatalogFaults(client, { tenantColumn: "tenant_id" });
    expect(faults.filter(({ object }) => object === "public.bare").map(({ kind }) => kind)).toEqual([
      "no_policy",
    ]);
  });
});
