import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeEach, expect, test } from "vitest";
import { migrate } from "../src/migrate.ts";
import { searchDocuments } from "../src/queries/document-search.ts";
import { indexTerms } from "../src/queries/document-terms.ts";
import * as schema from "../src/schema/index.ts";
import { createEmptyDatabase, type TenantDatabase } from "./support/database.ts";
import { withServer } from "./support/template.ts";

const MIGRATIONS = fileURLToPath(new URL("../migrations", import.meta.url));
/** 0000 to 0002: chunks carried their own tsvector, and nothing else was kept for search. */
const BEFORE_TERMS = 3;
const TENANT = "7d1b6a1e-7b7e-4a41-9c55-0d8a3f0f4b11";

let database: TenantDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
  return () => database.drop();
});

test("documents that were there before are found afterwards, as if they were indexed now", async () => {
  await migrateOnly(BEFORE_TERMS);
  await withServer(database.superuserUrl, async (server) => {
    await server.query("select set_config('app.tenant_id', $1, false)", [TENANT]);
    await server.query(`
      insert into tenants (name, slug) values ('T', 't');
      with d as (insert into developments (name, address, stage) values ('D', '-', 'building') returning id),
      doc as (insert into documents (development_id, title, file_name, media_type, body)
        select id, 'Hot water', 'a.md', 'text/markdown', '-' from d returning id)
      insert into document_chunks (document_id, position, heading, body)
        select id, n, 'Radiators', 'Bleed well-kept radiators ' || n from doc, generate_series(0, 3) n`);
    await migrate(database);

    const { rows: documents } = await server.query("select id, development_id, indexed_at from documents");
    expect(documents[0].indexed_at).not.toBeNull();
    const migrated = await kept(server);
    expect(migrated.every((rows) => rows.length > 5)).toBe(true);
    const db = drizzle(server, { schema });
    const search = { developmentId: documents[0].development_id, query: "raditor", limit: 2, offset: 0 };
    expect(await searchDocuments(db, search)).toMatchObject({ correctedQuery: "radiators", total: 4 });

    await server.query("delete from document_terms; delete from development_words");
    await indexTerms(db, documents[0].id);
    expect(await kept(server)).toEqual(migrated);
  });
});

test("a server that does not let the owner have pg_trgm is migrated all the same", async () => {
  await withServer(database.superuserUrl, async (server) => {
    await server.query(`
      create function refuse() returns event_trigger language plpgsql as $$
        begin raise insufficient_privilege; end $$;
      create event trigger refuse on ddl_command_start when tag in ('CREATE EXTENSION') execute function refuse()`);
    await migrate(database);
    const { rows } = await server.query(
      "select to_regclass('document_terms') is not null as migrated, to_regproc('similarity') as alike",
    );
    expect(rows).toEqual([{ migrated: true, alike: null }]);
    await server.query("drop event trigger refuse; drop function refuse");
  });
});

async function kept(server: pg.Client): Promise<unknown[][]> {
  const terms = await server.query("select * from document_terms order by lexeme");
  const words = await server.query("select * from development_words order by word");
  return [terms.rows, words.rows];
}

async function migrateOnly(count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "openhouse-migrations-"));
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    const path = join(folder, "meta/_journal.json");
    const journal = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
    await migrate({ ...database, migrationsFolder: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}
