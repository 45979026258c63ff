/** What an address asks a list for: `?q=flat+4&sort=-handover&page=2`. */
export interface ListQuery<Sort extends string = string> {
  /** Empty where nothing is looked for. */
  text: string;
  sort: Sort;
  descending: boolean;
  /** From 1. */
  page: number;
}

/** As a page gets it. */
export type SearchParams = Record<string, string | string[] | undefined>;

export const MAX_LIST_TEXT = 100;
/** The offset has to stay a number that Postgres takes. */
const MAX_PAGE = 100_000;

/** Whatever the address holds, it is some list: what cannot be read counts as not being there. @param sorts the first is the usual one. */
export function readListQuery<const Sort extends string>(
  query: SearchParams,
  sorts: readonly [Sort, ...Sort[]],
  descendingByDefault = false,
): ListQuery<Sort> {
  const text = first(query.q)
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .toWellFormed()
    .slice(0, MAX_LIST_TEXT);
  const asked = first(query.sort);
  const sort = sorts.find((each) => each === asked.replace(/^-/, ""));
  const page = /^[1-9]\d{0,5}$/.test(first(query.page)) ? Math.min(Number(query.page), MAX_PAGE) : 1;
  if (sort === undefined) return { text, sort: sorts[0], descending: descendingByDefault, page };
  return { text, sort, descending: asked.startsWith("-"), page };
}

const first = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? "";

/** The address of a list, with what differs from how it usually is. @param more further filters; empty ones are left out. */
export function listHref(
  path: string,
  { text, sort, descending, page }: Partial<ListQuery>,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams();
  if (text) query.set("q", text);
  for (const [name, value] of Object.entries(more)) if (value !== "") query.set(name, value);
  if (sort !== undefined) query.set("sort", descending ? `-${sort}` : sort);
  if (page !== undefined && page > 1) query.set("page", String(page));
  return query.size === 0 ? path : `${path}?${query}`;
}
