import type { ClientOptions, OpenClient } from "./client.ts";
import { connectionOf } from "./connection.ts";
import { importPeer } from "./peer.ts";
import { homeOf, INSERTED, noteOf, PAGE, pageOf, tenantOf } from "./rows.ts";

type Rows = Promise<readonly unknown[]>;

/** What the bench uses of postgres.js, whose own types are not installed with the repository. */
export interface Sql {
  (strings: TemplateStringsArray, ...values: unknown[]): Rows;
  begin(work: (sql: Sql) => Rows | readonly Rows[]): Promise<readonly (readonly unknown[])[]>;
  begin<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  reserve(): Promise<Sql & { release(): void }>;
  end(options: { timeout: number }): Promise<void>;
}

export async function openSql({ url, max }: Pick<ClientOptions, "url" | "max">): Promise<Sql> {
  const postgres = await importPeer<{ default: (options: object) => Sql }>("postgres");
  const { user, ...rest } = connectionOf(url);
  return postgres.default({ ...rest, username: user, max, onnotice: () => {} });
}

/** As its documentation writes queries: tagged templates, which it prepares by itself, and pipelines in transactions. */
export async function open(options: ClientOptions): Promise<OpenClient> {
  const sql = await openSql(options);
  return {
    operations: {
      pointSelect: (n) =>
        sql`select id, label, kind, bedrooms, floor_area, handover_at from homes where id = ${homeOf(n)}`,
      nested: (n) =>
        sql`select id, label, kind, bedrooms, floor_area, handover_at, (select coalesce(json_agg(json_build_array(r.id, r.home_id, r.name, r.email)), '[]'::json) from residents r where r.home_id = homes.id) as residents from homes where id between ${pageOf(n)} and ${pageOf(n) + PAGE - 1}`,
      insert: (n) =>
        sql`insert into visits (home_id, note) values (${homeOf(n)}, ${"rang twice"}) returning id, home_id, note, at`,
      insertKey: async (n) => [await sql`insert into keyed (key, label) values (${n}, ${"a key"})`],
      unscopedSelect: (n) =>
        sql`select tenant_id, id, body, updated_at from open_notes where tenant_id = ${tenantOf(n)} and id = ${noteOf(n)}`,
      scopedSelect: async (n) => {
        const [, found = []] = await sql.begin((tx) => [asTenant(tx, n), readNote(tx, n)]);
        return found;
      },
      tenantTransaction: async (n) => {
        const [, found = []] = await sql.begin((tx) => [asTenant(tx, n), ...fourStatements(tx, n)]);
        return found;
      },
      tenantPage: async (n) => {
        const [, found = []] = await sql.begin((tx) => [asTenant(tx, n), ...pageQueries(tx, n)]);
        return found;
      },
      insertBatch: async (n) => {
        const [rows = []] = await sql.begin((tx) =>
          Array.from(
            { length: INSERTED },
            (_, each) =>
              tx`insert into visits (home_id, note) values (${homeOf(n + each)}, ${"rang twice"}) returning id, home_id, note, at`,
          ),
        );
        return rows;
      },
    },
    close: () => sql.end({ timeout: 1 }),
  };
}

const asTenant = (tx: Sql, n: number) => tx`select set_config('app.tenant_id', ${tenantOf(n)}, true)`;

const readNote = (tx: Sql, n: number) =>
  tx`select tenant_id, id, body, updated_at from notes where id = ${noteOf(n)}`;

const pageQueries = (tx: Sql, n: number) => [
  readNote(tx, n),
  tx`select tenant_id, id, body, updated_at from notes where id between ${noteOf(n)} and ${noteOf(n) + 9}`,
  tx`select count(*)::int as n from notes where id between ${noteOf(n)} and ${noteOf(n) + 9}`,
  tx`select id, body from notes where id > ${noteOf(n)} order by id limit 5`,
  tx`select max(updated_at) as at from notes where id between ${noteOf(n)} and ${noteOf(n) + 9}`,
];

const fourStatements = (tx: Sql, n: number) => [
  readNote(tx, n),
  tx`update notes set updated_at = now() where id = ${noteOf(n)}`,
  tx`insert into tenant_visits (note) values (${"rang twice"}) returning id`,
  tx`select count(*)::int as n from notes where id between ${noteOf(n)} and ${noteOf(n) + 9}`,
];
