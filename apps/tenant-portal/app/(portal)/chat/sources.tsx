import { safeLink } from "@openhouse/web/safe-link";
import { DocumentIcon } from "@openhouse/web/ui/icons";
import Link from "next/link";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";

/** The documents that an answer was made from, each once; each link leads to the passage. */
export function Sources({ message }: { message: Pick<ChatMessage, "parts"> }) {
  const sources = sourcesOf(message);
  if (sources.length === 0) return null;
  return (
    <div className="space-y-1.5">
      <h3 className="text-xs font-semibold text-muted">Sources</h3>
      <ul className="flex flex-wrap gap-2">
        {sources.map(({ id, path, title }) => (
          <li key={id} className="max-w-full">
            <Link
              href={path}
              prefetch={false}
              className="inline-flex min-h-11 max-w-full items-center gap-2 rounded-lg border border-edge bg-surface px-3 text-sm font-medium text-accent hover:bg-sunken sm:min-h-9"
            >
              <DocumentIcon className="size-4 shrink-0" />
              <span className="truncate">{title}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Source {
  id: string;
  path: string;
  title: string;
}

function sourcesOf({ parts }: Pick<ChatMessage, "parts">): Source[] {
  const sources = new Map<string, Source>();
  for (const part of parts) {
    if (part.type !== "source-url" || sources.has(part.sourceId)) continue;
    const link = safeLink(part.url);
    if (link?.kind !== "inside") continue;
    sources.set(part.sourceId, { id: part.sourceId, path: link.path, title: part.title ?? "Document" });
  }
  return [...sources.values()];
}
