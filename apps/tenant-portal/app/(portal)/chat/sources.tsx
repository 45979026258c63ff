import { passageHref } from "@openhouse/web/passage-link";
import { safeLink } from "@openhouse/web/safe-link";
import { DocumentIcon } from "@openhouse/web/ui/icons";
import Link from "next/link";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { quotedPassages } from "../../../lib/chat/quoted.ts";
import { textOf } from "./message-text.ts";

/**
 * The documents that an answer quotes, each once; each link leads to the passage. Where it quotes none as its own, those that
 * it names, or else those that it was made from.
 */
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

/** How a part of a PDF is headed, which is a page of it. */
const PAGE = /^Page \d+$/;

interface Source {
  id: string;
  path: string;
  title: string;
}

function sourcesOf(message: Pick<ChatMessage, "parts">): Source[] {
  const text = textOf(message);
  const passages = message.parts.flatMap((part) =>
    part.type === "tool-searchDocuments" && part.state === "output-available" ? part.output.passages : [],
  );
  const quoted = quotedPassages(text, passages).map(({ documentId, position, title, heading }) => ({
    id: documentId,
    path: passageHref(documentId, position),
    title: PAGE.test(heading ?? "") ? `${title}, ${heading?.toLowerCase()}` : title,
  }));
  if (quoted.length > 0) return eachOnce(quoted);
  const found = eachOnce(message.parts.flatMap(foundSource));
  const named = found.filter(({ title }) => text.includes(title));
  return named.length > 0 ? named : found;
}

function foundSource(part: ChatMessage["parts"][number]): Source[] {
  if (part.type !== "source-url") return [];
  const link = safeLink(part.url);
  if (link?.kind !== "inside") return [];
  return [{ id: part.sourceId, path: link.path, title: part.title ?? "Document" }];
}

function eachOnce(sources: readonly Source[]): Source[] {
  return [...new Map(sources.toReversed().map((source) => [source.id, source])).values()].toReversed();
}
