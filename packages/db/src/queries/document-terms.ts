import { sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { WORD_TOKENS } from "../passages.ts";

/**
 * Makes what search needs of a document's chunks as they are stored now: its terms, and its words for the development.
 * Belongs into the transaction that stores the chunks; a document that has terms already loses them first.
 *
 * A word weighs 4 in the heading, 2 in the title, 1 in the body; the second time says less than the first, so the
 * impact is the sum's share of itself and 2, in thousandths.
 */
export async function indexTerms(db: Database, documentId: string): Promise<void> {
  await db.execute(sql`
    delete from document_terms t using documents d
     where d.id = ${documentId} and t.tenant_id = d.tenant_id and t.development_id = d.development_id
       and t.document_id = d.id`);
  await db.execute(sql`
    insert into document_terms (development_id, document_id, lexeme, positions, impacts)
    select development_id, document_id, lexeme,
           array_agg(position order by position), array_agg(impact order by position)
      from (
        select d.development_id, d.id as document_id, c.position, t.lexeme,
               (select round(1000 * sum(gain) / (sum(gain) + 2.0)) from (
                  select case label when 'A' then 4 when 'B' then 2 else 1 end as gain from unnest(t.weights) label
                ) gains)::smallint as impact
          from documents d
          join document_chunks c on c.tenant_id = d.tenant_id and c.document_id = d.id
         cross join lateral unnest(
               setweight(to_tsvector('english', coalesce(c.heading, '')), 'A')
               || setweight(to_tsvector('english', d.title), 'B') || to_tsvector('english', c.body)) t
         where d.id = ${documentId}
      ) found
     group by development_id, document_id, lexeme`);
  // In order, so that two documents of one development that are indexed at once wait for each other and do not deadlock.
  await db.execute(sql`
    insert into development_words (development_id, word, lexeme)
    select development_id, word, (ts_lexize('english_stem', word))[1]
      from (
        select distinct d.development_id, lower(p.token) as word
          from documents d
          join document_chunks c on c.tenant_id = d.tenant_id and c.document_id = d.id
         cross join lateral ts_parse('default', concat_ws(E'\\n', d.title, c.heading, c.body)) p
         where d.id = ${documentId} and p.tokid in (${WORD_TOKENS}) and char_length(p.token) between 3 and 40
      ) found
     where cardinality(ts_lexize('english_stem', word)) > 0
     order by char_length(word), word
        on conflict do nothing`);
}
