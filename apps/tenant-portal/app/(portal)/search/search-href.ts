/** The address of a search, or of one of its further pages; `asTyped`: of these very words, whatever else may be meant. */
export const searchHref = (query: string, page = 1, asTyped = false): string => {
  const asked = { q: query, ...(page > 1 && { page: String(page) }), ...(asTyped && { exact: "1" }) };
  return `/search?${new URLSearchParams(asked)}`;
};
