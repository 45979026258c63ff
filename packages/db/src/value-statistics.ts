import pg from "pg";

/** Columns of text that statements are planned by: values from a closed list, and the words of which search is made. */
export const COUNTED_TEXTS: readonly string[] = [
  "activity.kind",
  "chat_threads.titled_by",
  "development_words.lexeme",
  "development_words.word",
  "developments.stage",
  "document_terms.lexeme",
  "documents.media_type",
  "messages.role",
  "messages.status",
  "onboarding_codes.mail_state",
  "staff.role",
  "tenant_directory.kind",
  "unanswered.kind",
  "units.kind",
];

/** What is left where the owner may not remove what was counted before: Postgres 17 and earlier let a superuser only. */
const LEFT = "the statistics of texts, of which EXPLAIN tells";
const NOT_ALLOWED = "42501";
/** Server versions as numbers. */
const CLEARS_STATISTICS = 180_000;

const EQ = "operator(pg_catalog.=)";
const UNCOUNTED = `
  select relname, attname, attrelid, attnum, reltuples operator(pg_catalog.>) 0 as "wasCounted",
         pg_catalog.current_setting('server_version_num')::int as version
    from pg_catalog.pg_attribute join pg_catalog.pg_class on pg_class.oid ${EQ} attrelid
   where relnamespace ${EQ} 'public'::pg_catalog.regnamespace and relrowsecurity and relkind ${EQ} any ('{r,p}')
     and pg_catalog.pg_has_role(relowner, 'usage') and attnum operator(pg_catalog.>) 0 and not attisdropped
     and atttypid ${EQ} any ('{pg_catalog.text,pg_catalog.text[],pg_catalog.jsonb}'::pg_catalog.regtype[])
     and coalesce(attstattarget, 1) operator(pg_catalog.<>) 0
     and pg_catalog.concat(relname, '.', attname) operator(pg_catalog.<>) all ($1::pg_catalog.text[])`;

interface Column {
  relname: string;
  attname: string;
  attrelid: number;
  attnum: number;
  wasCounted: boolean;
  version: number;
}

/**
 * Has the server keep no statistics of what people have written, addresses, codes and hashes among it. A plan is estimated by all
 * tenants' rows, also by those that a policy hides: whoever gets SQL of his own into a statement of one tenant could ask EXPLAIN how
 * many lie below a text, until he knows others' texts. Safe to repeat; once done it only reads the catalog.
 *
 * @returns what could not be removed.
 */
export async function hideValues(owner: pg.Client): Promise<string[]> {
  const { rows } = await owner.query<Column>(UNCOUNTED, [COUNTED_TEXTS]);
  if (rows.length === 0) return [];
  const changes = rows.map(({ relname, attname }) => {
    const [table, column] = [relname, attname].map((name) => pg.escapeIdentifier(name));
    return `alter table public.${table} alter column ${column} set statistics 0`;
  });
  await owner.query("begin"); // so that what breaks off is done whole the next time
  try {
    await owner.query(changes.join(";\n"));
    for (const column of rows) await forget(owner, column);
    await owner.query("commit");
    return [];
  } catch (error) {
    await owner.query("rollback");
    if (!(error instanceof pg.DatabaseError && error.code === NOT_ALLOWED)) throw error;
    await owner.query(changes.join(";\n"));
    return rows.some(({ wasCounted }) => wasCounted) ? [LEFT] : [];
  }
}

async function forget(
  owner: pg.Client,
  { version, relname, attname, attrelid, attnum }: Column,
): Promise<void> {
  if (version >= CLEARS_STATISTICS)
    await owner.query("select pg_catalog.pg_clear_attribute_stats('public', $1, $2, false)", [
      relname,
      attname,
    ]);
  else
    await owner.query(
      "delete from pg_catalog.pg_statistic where starelid operator(pg_catalog.=) $1 and staattnum operator(pg_catalog.=) $2",
      [attrelid, attnum],
    );
}
