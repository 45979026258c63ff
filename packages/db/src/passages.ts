import { type Placeholder, type SQL, sql } from "drizzle-orm";

type Text = string | Placeholder;

/** Of Postgres' default parser: words of letters alone, and the parts of hyphenated ones. Its English configuration stems these. */
export const WORD_TOKENS = sql.raw("1, 2, 10, 11");

/** Blanks and tags say nothing, and a hyphenated word comes again in its parts, which is how somebody else has written it. */
const PASSED_OVER = sql.raw("12, 13, 15, 16, 17");

/** The CTE `asked (word, lexeme)`: what `query` asks for, each lexeme once; words that say nothing have none. */
const wordsAsked = (query: Text): SQL => sql`
    asked as materialized (
      select distinct on (lexeme) lower(token) as word, lexeme
        from ts_parse('default', ${query}) as parsed (tokid, token),
             unnest(ts_lexize(
               (case when tokid in (${WORD_TOKENS}) then 'english_stem' else 'simple' end)::regdictionary, token
             )) as lexeme
       where tokid not in (${PASSED_OVER})
       order by lexeme, token
    )`;

/**
 * A WITH clause that ends in `passages (document_id, position, words, score)`: every passage of a development that holds
 * one of the words of `query`, how many of them, and how well it answers. The score is what each word says about the
 * passage times how rare the word is among the development's documents, as in BM25, in millionths: whole numbers,
 * so that the order of equals does not depend on the order of a sum.
 *
 * Reads `document_terms` by its key, and no chunk.
 */
export const passagesHolding = (query: Text, developmentId: Text): SQL => sql`
    with ${wordsAsked(query)},
    postings as materialized (
      select document_id, lexeme, positions, impacts from document_terms
       where development_id = ${developmentId} and lexeme = any (array(select lexeme from asked))
    ),
    rarity as (
      select lexeme, greatest(1, round(1000 * ln(1 + (total - held + 0.5) / (held + 0.5))))::integer as weight
        from (select lexeme, count(*) as held from postings group by lexeme) found,
             (select count(*) as total from documents where development_id = ${developmentId}) whole
    ),
    passages as materialized (
      select document_id, position, count(*) as words, sum(impact * weight) as score
        from postings join rarity using (lexeme), unnest(positions, impacts) as place (position, impact)
       group by document_id, position
    )`;
