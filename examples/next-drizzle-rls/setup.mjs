// Makes the table and its policy, as the owner, and lets the role of DATABASE_URL use it. In your project: a migration.
import pg from "pg";

const { DATABASE_URL, DATABASE_URL_OWNER } = process.env;
if (!DATABASE_URL || !DATABASE_URL_OWNER || DATABASE_URL === DATABASE_URL_OWNER) {
  console.error(
    "DATABASE_URL names the role that serves, DATABASE_URL_OWNER the one that owns the tables: both are needed.",
  );
  process.exit(1);
}
const role = pg.escapeIdentifier(decodeURIComponent(new URL(DATABASE_URL).username));

const owner = new pg.Client({ connectionString: DATABASE_URL_OWNER });
await owner.connect();
await owner.query(`
  create table if not exists documents (
    tenant_id uuid not null,
    id uuid not null default gen_random_uuid(),
    title text not null,
    primary key (tenant_id, id)
  );
  alter table documents enable row level security, force row level security;
  drop policy if exists tenant on documents;
  create policy tenant on documents
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
  grant select, insert, update, delete on documents to ${role};
`);
await owner.end();
