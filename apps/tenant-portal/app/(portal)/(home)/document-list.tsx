import type { HomeDocument } from "@openhouse/db/queries/documents";
import { formatDay } from "@openhouse/web/format";
import { Badge } from "@openhouse/web/ui/badge";
import Link from "next/link";

interface DocumentListProps {
  documents: readonly HomeDocument[];
  /** Those that have come since the homeowner was here before. */
  newIds: ReadonlySet<string>;
}

/** The documents of a development, as large targets: most of their readers hold a phone. */
export function DocumentList({ documents, newIds }: DocumentListProps) {
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card">
      {documents.map(({ id, title, createdAt }) => (
        <li key={id}>
          <Link
            href={`/documents/${id}`}
            className="flex min-h-14 items-center justify-between gap-4 px-5 py-3.5 -outline-offset-2 hover:bg-sunken"
          >
            <span className="min-w-0">
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <span className="font-semibold wrap-anywhere">{title}</span>
                {newIds.has(id) && <Badge tone="good">New</Badge>}
              </span>
              <span className="block text-xs text-muted">Added {formatDay(createdAt)}</span>
            </span>
            <span aria-hidden="true" className="text-accent">
              →
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
