import { type SQL, sql } from "drizzle-orm";
import type { Reader } from "../database.ts";
import { type Excerpt, MARKS, makeExcerpt } from "../excerpt.ts";
import { expectOne } from "../expect-one.ts";
import { hyphenated, joined, replaceCompounds, type SameMeaning } from "../meant-words.ts";
import { passagesHolding } from "../passages.ts";
import { prepareFor } from "../prepare-for.ts";
import type { MediaType } from "../schema/index.ts";
import { nearestWord, replaceWords } from "../spelling.ts";
import { isUuid } from "../uuid.ts";

export interface SearchResult extends Excerpt {
  documentId: string;
  title: string;
  heading: string | null;
  /** Of the passage in its document. */
  position: number;
  /** Higher is better; comparable within one search only. */
  rank: number;
}

export interface SearchPage {
  /** What was searched for instead, where a word was misspelt. */
  correctedQuery: string | null;
  /** Words of the query that no document of the development has. */
  missingWords: string[];
  /** Of all pages. */
  total: number;
  results: SearchResult[];
}

export interface Search {
  developmentId: string;
  query: string;
  limit: number;
  offset: number;
  /** Words that say the same, for those of the query that no document has. @default none */
  sameMeaning?: SameMeaning;
  /** Searches for the words as they were typed and for nothing else. @default false */
  asTyped?: boolean;
}

const NOTHING: SearchPage = { correctedQuery: null, missingWords: [], total: 0, results: [] };

/**
 * A page of the passages that hold as many of the query's words as any passage does: all of them, where one has all.
 * Best first, and in the same order from one page to the next. Searches for what was probably meant where the development
 * has no such word: the same with a hyphen or without, one that says the same, or one like it. One statement; three where a word is misspelt, two where it is unknown.
 */
export async function searchDocuments(db: Reader, search: Search): Promise<SearchPage> {
  if (!isUuid(search.developmentId)) return NOTHING;
  const { missingWords, hasTrigrams, ...found } = await findPage(db, search);
  if (missingWords.length === 0 || search.asTyped) return { correctedQuery: null, missingWords, ...found };

  const query = await findMeantQuery(db, search, missingWords, hasTrigrams);
  if (query === search.query) return { correctedQuery: null, missingWords, ...found };
  const { total, results } = await findPage(db, { ...search, query });
  return { correctedQuery: query, missingWords, total, results };
}

interface FoundPage {
  missingWords: string[];
  hasTrigrams: boolean;
  total: number;
  results: SearchResult[];
}

type Row = Record<string, unknown> & {
  missingWords: string[];
  hasTrigrams: boolean;
  total: number;
  /** The page's rows; a page without any is one row without a passage. */
  passage: (Omit<SearchResult, keyof Excerpt> & { mediaType: MediaType; marked: string }) | null;
};

const HEADLINE = `HighlightAll=true,StartSel=${MARKS.start},StopSel=${MARKS.end}`;
/** A Markdown link or picture, which reads as its text. */
const LINK = String.raw`!?\[([^]]*)\]\([^)]*\)`;

const pageOfResults = prepareFor((db) =>
  db.execute<Row>(sql`
    ${passagesHolding(sql.placeholder("query"), sql.placeholder("developmentId"))},
    best as materialized (
      select document_id, position, score from passages where words = (select max(words) from passages)
    ),
    page as materialized (
      select * from best order by score desc, document_id, position limit ${sql.placeholder("limit")} offset ${sql.placeholder("offset")}
    ),
    any_word as (
      select string_agg('''' || replace(replace(lexeme, E'\\\\', E'\\\\\\\\'), '''', '''''') || '''', ' | ')::tsquery as query from asked
    )
    select array(select word from asked where lexeme not in (select lexeme from postings) order by word) as "missingWords",
           to_regprocedure('similarity(text, text)') is not null as "hasTrigrams",
           (select count(*) from best)::integer as total,
           shown.passage
      from (values (1)) as one
      left join (
        select page.score, page.document_id, page.position, json_build_object(
                 'documentId', d.id, 'title', d.title, 'heading', c.heading, 'position', c.position,
                 'rank', page.score::float8 / 1000000, 'mediaType', d.media_type,
                 'marked', ts_headline('english', plain.body, any_word.query, ${HEADLINE})) as passage
          from page
          join documents d on d.id = page.document_id
          join document_chunks c on c.tenant_id = d.tenant_id and c.document_id = d.id and c.position = page.position
         cross join lateral (
           select translate(regexp_replace(c.body, ${LINK}, '\\1', 'g'), ${MARKS.start + MARKS.end}, '') as body
         ) plain, any_word
      ) shown on true
     order by shown.score desc, shown.document_id, shown.position`),
);

async function findPage(db: Reader, { developmentId, query, limit, offset }: Search): Promise<FoundPage> {
  const { rows } = await pageOfResults(db, { developmentId, query, limit, offset });
  const [first] = rows;
  const { missingWords, hasTrigrams, total } = first ?? expectOne(rows);
  const results = rows.flatMap(({ passage }) => {
    if (passage === null) return [];
    const { marked, mediaType, ...result } = passage;
    return [{ ...result, ...makeExcerpt(marked, mediaType) }];
  });
  return { missingWords, hasTrigrams, total, results };
}

/** Shorter words are like too many others. */
const MIN_CORRECTED_LETTERS = 5;
/** Each is compared with thousands; who asks for more than so many made-up words at once gets them uncorrected. */
const MAX_CORRECTED_WORDS = 5;

/** @param alike which of a development's words one that is not there is compared with, letter by letter. */
const wordsMeant = (alike: SQL) =>
  prepareFor((db) =>
    db.execute<{ known: string[]; alike: Record<string, string[]> }>(sql`
    with wanted as materialized (
      select word, (ts_lexize('english_stem', word))[1] as lexeme
        from json_array_elements_text(${sql.placeholder("wanted")}) as one (word)
    ), alike as (
      select misspelt.word, array(
               select w.word from (
                 select w.word, w.lexeme from development_words w
                  where w.development_id = ${sql.placeholder("developmentId")}
                    and w.size between char_length(misspelt.word) - 2 and char_length(misspelt.word) + 2
                    and ${alike}
               ) w
               where exists (
                 select from document_terms t
                  where t.development_id = ${sql.placeholder("developmentId")} and t.lexeme = w.lexeme)
             ) as candidates
        from json_array_elements_text(${sql.placeholder("misspelt")}) as misspelt (word)
    )
    select array(
             select word from wanted where lexeme in (
               select t.lexeme from document_terms t
                where t.development_id = ${sql.placeholder("developmentId")}
                  and t.lexeme = any (array(select lexeme from wanted)))
           ) as known,
           (select coalesce(json_object_agg(word, candidates), '{}') from alike) as alike`),
  );

const wordsBySimilarity = wordsMeant(
  sql`similarity(w.word, misspelt.word) > 0.2 order by similarity(w.word, misspelt.word) desc, w.word limit 20`,
);
/** Without pg_trgm every word of about that length with the same first letter is compared, letter by letter. */
const wordsByFirstLetter = wordsMeant(
  sql`left(w.word, 1) = left(misspelt.word, 1) order by w.word limit 2000`,
);

/** The query with what its missing words probably meant, of the words that the development's documents have. One statement. */
async function findMeantQuery(
  db: Reader,
  { developmentId, query, sameMeaning = () => [] }: Search,
  missingWords: readonly string[],
  hasTrigrams: boolean,
): Promise<string> {
  const words = missingWords.slice(0, MAX_CORRECTED_WORDS);
  const compounds = joined(query, new Set(words));
  const sameAs = new Map(words.map((word) => [word, [...hyphenated(word), ...sameMeaning(word)]]));
  const wanted = new Set([...compounds.values(), ...[...sameAs.values()].flat()]);
  const { known, alike } = await lookUp(db, developmentId, [...wanted], words, hasTrigrams);
  const whole = replaceCompounds(query, new Map([...compounds].filter(([, one]) => known.has(one))));
  const meant = new Map<string, string>();
  for (const word of words) {
    const same = sameAs.get(word)?.find((each) => known.has(each));
    const nearest = same ?? nearestWord(word, alike[word] ?? []);
    if (nearest !== null) meant.set(word, nearest);
  }
  return replaceWords(whole, meant);
}

interface LookedUp {
  /** Of the words that were wanted, those that documents have, in whatever form. */
  known: Set<string>;
  /** For each misspelt word those that look like it. */
  alike: Record<string, string[]>;
}

async function lookUp(
  db: Reader,
  developmentId: string,
  wanted: readonly string[],
  words: readonly string[],
  hasTrigrams: boolean,
): Promise<LookedUp> {
  const misspelt = words.filter((word) => word.length >= MIN_CORRECTED_LETTERS && /^\p{L}+$/u.test(word));
  if (wanted.length === 0 && misspelt.length === 0) return { known: new Set(), alike: {} };
  const query = hasTrigrams ? wordsBySimilarity : wordsByFirstLetter;
  const { rows } = await query(db, {
    developmentId,
    wanted: JSON.stringify(wanted),
    misspelt: JSON.stringify(misspelt),
  });
  const { known, alike } = expectOne(rows);
  return { known: new Set(known), alike };
}
