import { formatCount } from "../format.ts";
import { ButtonLink } from "./button.tsx";

interface PagesNavProps {
  page: number;
  pages: number;
  href: (page: number) => string;
}

/** The way to the pages before and after; nothing where there is one page only. */
export function PagesNav({ page, pages, href }: PagesNavProps) {
  if (pages < 2) return null;
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-3 print:hidden">
      {page > 1 ? (
        <ButtonLink look="secondary" href={href(page - 1)} rel="prev" prefetch={false}>
          Previous
        </ButtonLink>
      ) : (
        <span />
      )}
      <p className="text-sm text-muted">
        Page {formatCount(page)} of {formatCount(pages)}
      </p>
      {page < pages ? (
        <ButtonLink look="secondary" href={href(page + 1)} rel="next" prefetch={false}>
          Next
        </ButtonLink>
      ) : (
        <span />
      )}
    </nav>
  );
}
