import type pg from "pg";

/** So much beside the demo's rows that a statement which reads more than it needs shows it. */
const DEVELOPMENTS = 10;
const UNITS_EACH = 100;
const DOCUMENTS_EACH = 50;

/**
 * Fills every table for one tenant: 10 developments, 1,000 units and homeowners, 3,000 codes, 1,000 links, 2,000 sessions,
 * 500 documents, 1,500 chunks, 1,500 terms, 6,500 words, 1,000 threads, 4,000 messages, 4,000 tool calls,
 * 2,000 questions in vain. Takes a superuser, whom no policy asks for a token.
 */
export async function addManyRows(superuser: pg.Client, tenantId: string): Promise<void> {
  await superuser.query("select set_config('app.tenant', $1, false)", [tenantId]);
  await superuser.query(`
    insert into staff (email, name, role, password_hash)
      select 'person' || n || '@many.example', 'Person ' || n, 'viewer', '-' from generate_series(1, 300) n;
    with new_developments as (
      insert into developments (name, address, stage)
        select 'Development ' || n, 'Somewhere ' || n, 'building' from generate_series(1, ${DEVELOPMENTS}) n returning id),
    new_units as (
      insert into units (development_id, label, kind, bedrooms, floor_area_m2)
        select id, 'Unit ' || n, 'House', 3, 90 from new_developments, generate_series(1, ${UNITS_EACH}) n returning id, development_id),
    new_homeowners as (
      insert into homeowners (unit_id, name, email)
        select id, 'Somebody', 'somebody@many.example' from new_units returning id, unit_id),
    new_codes as (
      insert into onboarding_codes (homeowner_id, code, created_at, expires_at)
        select id, md5(random()::text), now() - n * interval '1 day', now() + interval '1 day'
          from new_homeowners, generate_series(1, 3) n),
    new_links as (
      insert into sign_in_links (homeowner_id, token_hash, expires_at)
        select id, md5(random()::text), now() + interval '15 minutes' from new_homeowners),
    new_unanswered as (
      insert into unanswered (development_id, homeowner_id, kind, body)
        select u.development_id, h.id, 'search', 'Swimming pool ' || n
          from new_homeowners h join new_units u on u.id = h.unit_id, generate_series(1, 2) n),
    new_sessions as (
      insert into sessions (homeowner_id, expires_at)
        select id, now() + interval '1 day' from new_homeowners, generate_series(1, 2)),
    new_threads as (
      insert into chat_threads (homeowner_id, title) select id, 'A question' from new_homeowners returning id),
    new_messages as (
      insert into messages (thread_id, role, body)
        select id, 'user', 'How do I bleed a radiator?' from new_threads, generate_series(1, 4) returning id),
    new_calls as (insert into tool_calls (message_id, name, input) select id, 'search', '{}' from new_messages),
    new_documents as (
      insert into documents (development_id, title, file_name, media_type, body, indexed_at)
        select id, 'Document ' || n, n || '.md', 'text/markdown', 'Bleeding the radiators.', now()
          from new_developments, generate_series(1, ${DOCUMENTS_EACH}) n returning id)
    insert into document_chunks (document_id, position, heading, body)
      select id, n, 'Radiators', 'Bleeding the radiators is safe.' from new_documents, generate_series(0, 2) n;
    insert into document_terms (development_id, document_id, lexeme, positions, impacts)
      select development_id, id, lexeme, '{0,1,2}', '{700,700,700}'
        from documents, unnest(array['bleed', 'radiat', 'safe']) lexeme
       where title like 'Document %' and tenant_id = current_setting('app.tenant')::uuid;
    insert into development_words (development_id, word, lexeme)
      select id, repeat('w', n % 36) || n, 'w' from developments, generate_series(1, 500) n
       where tenant_id = current_setting('app.tenant')::uuid;
    insert into tenant_directory (lookup_hash, kind)
      select encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'onboarding_code' from generate_series(1, 3000);
  `);
  await superuser.query("reset app.tenant");
}
