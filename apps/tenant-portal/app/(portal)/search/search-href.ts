/** The address of a search, or of one of its further pages. */
export const searchHref = (query: string, page = 1): string =>
  `/search?${new URLSearchParams({ q: query, ...(page > 1 && { page: String(page) }) })}`;
