import { passageHref } from "@openhouse/web/passage-link";
import { SearchIcon } from "@openhouse/web/ui/icons";
import Link from "next/link";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";

export type SearchPart = Extract<ChatMessage["parts"][number], { type: "tool-searchDocuments" }>;

/** That the documents were searched, and, opened, what was found. While the search runs the answer's activity says so. */
export function Search({ part }: { part: SearchPart }) {
  if (part.state === "output-error") {
    return <p className="text-sm text-muted">The documents could not be searched.</p>;
  }
  if (part.state !== "output-available") return null;
  const { passages } = part.output;
  if (passages.length === 0) {
    return (
      <p className="flex items-center gap-2 text-sm text-muted">
        <SearchIcon className="size-4 shrink-0" />
        Searched the documents and found nothing that fits.
      </p>
    );
  }
  return (
    <details className="group text-sm text-muted">
      <summary className="inline-flex min-h-8 list-none items-center gap-2 rounded [&::-webkit-details-marker]:hidden">
        <SearchIcon className="size-4 shrink-0" />
        <span className="underline decoration-line underline-offset-4 group-hover:decoration-current">
          Searched the documents: {passages.length === 1 ? "1 passage" : `${passages.length} passages`}
        </span>
        <span aria-hidden="true" className="transition-transform group-open:rotate-90">
          ›
        </span>
      </summary>
      <ul className="mt-2 space-y-3 border-l-2 border-line pl-4">
        {passages.map(({ documentId, title, heading, position, excerpt }) => (
          <li key={`${documentId} ${position}`} className="space-y-0.5">
            <p className="font-medium wrap-anywhere">
              <Link
                href={passageHref(documentId, position)}
                prefetch={false}
                className="text-accent hover:underline"
              >
                {place(title, heading)}
              </Link>
            </p>
            <p className="line-clamp-3 wrap-anywhere">{excerpt}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

function place(title: string, heading: string | null): string {
  return heading === null || heading === "" || heading === title ? title : `${title}: ${heading}`;
}
