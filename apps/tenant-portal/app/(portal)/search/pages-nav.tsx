import { formatCount } from "@openhouse/web/format";
import { ButtonLink } from "@openhouse/web/ui/button";

export const searchHref = (query: string, page = 1): string =>
  `/search?${new URLSearchParams({ q: query, ...(page > 1 && { page: String(page) }) })}`;

/** The way to the pages before and after. */
export function PagesNav({ query, page, pages }: { query: string; page: number; pages: number }) {
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-3">
      {page > 1 ? (
        <ButtonLink look="secondary" href={searchHref(query, page - 1)} rel="prev">
          Previous
        </ButtonLink>
      ) : (
        <span />
      )}
      <p className="text-sm text-muted">
        Page {formatCount(page)} of {formatCount(pages)}
      </p>
      {page < pages ? (
        <ButtonLink look="secondary" href={searchHref(query, page + 1)} rel="next">
          Next
        </ButtonLink>
      ) : (
        <span />
      )}
    </nav>
  );
}
