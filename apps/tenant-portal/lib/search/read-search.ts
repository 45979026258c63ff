export const MAX_QUERY_CHARACTERS = 200;
/** Nobody turns so many pages, and the offset has to stay a number that Postgres takes. */
const MAX_PAGE = 10_000;

export type SearchFault = "query_empty" | "query_too_long" | "page_invalid";

/** What an address asks to search for. */
export type Asked = { query: string; page: number } | { fault: SearchFault; query: string };

/** Reads `q` and `page` of an address; null where it has none. Blanks around and control characters in a query are not part of it. */
export function readSearch(q: string | null, page: string | null): Asked {
  const query = (q ?? "").replace(/\p{Cc}+/gu, " ").trim();
  if (query === "") return { fault: "query_empty", query };
  if (query.length > MAX_QUERY_CHARACTERS) return { fault: "query_too_long", query };
  if (page !== null && !/^[1-9]\d{0,4}$/.test(page)) return { fault: "page_invalid", query };
  const number = Number(page ?? 1);
  return number > MAX_PAGE ? { fault: "page_invalid", query } : { query, page: number };
}
