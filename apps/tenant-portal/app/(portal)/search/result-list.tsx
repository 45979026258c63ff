import type { SearchResult } from "@openhouse/db/queries/document-search";
import { passageHref } from "@openhouse/web/passage-link";
import Link from "next/link";
import { Highlighted } from "./highlighted.tsx";

/** Passages in order of how well they answer, each leading to its document. */
export function ResultList({ results, start }: { results: readonly SearchResult[]; start: number }) {
  return (
    <ol
      start={start}
      className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
    >
      {results.map(({ documentId, position, title, heading, excerpt, highlights }) => (
        <li key={`${documentId}/${position}`} className="relative px-5 py-4 hover:bg-sunken sm:px-6">
          <h2 className="font-semibold">
            <Link
              href={passageHref(documentId, position)}
              className="block text-accent after:absolute after:inset-0 hover:underline focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-[var(--focus)]"
            >
              {heading ?? title}
              {heading !== null && heading !== title && (
                <span className="block text-xs font-normal text-muted">{title}</span>
              )}
            </Link>
          </h2>
          <p className="mt-2 max-w-prose text-sm leading-relaxed">
            {highlights.length === 0 ? excerpt : <Highlighted excerpt={excerpt} highlights={highlights} />}
          </p>
        </li>
      ))}
    </ol>
  );
}
