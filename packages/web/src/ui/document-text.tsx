import type { OutlineEntry } from "@openhouse/db/markdown/outline";
import Link from "next/link";
import type { ReactNode } from "react";
import type { DocumentPage } from "../document-page.ts";
import { passageId } from "../passage-link.ts";
import { DOCUMENT_LOOK, type Look, show } from "./markdown.tsx";

const LINK = "font-medium text-accent underline underline-offset-2";

/** A page of a document, with a list of contents and the way to the other pages where it has several. */
export function DocumentText({ document }: { document: DocumentPage }) {
  const { id, page, passage, pageCount, outline } = document;
  const path = `/documents/${id}`;
  return (
    <>
      {pageCount > 1 && page.number === 1 && <Contents path={path} outline={outline ?? []} />}
      <Page blocks={page.blocks} passage={passage} look={lookWithin(path, outline ?? [])} />
      {pageCount > 1 && <Pages path={path} number={page.number} count={pageCount} />}
    </>
  );
}

type Blocks = DocumentPage["page"]["blocks"];

function Page({ blocks, passage, look }: { blocks: Blocks; passage: number | null; look: Look }) {
  const shown = blocks.map((block, index): ReactNode => {
    if ("passage" in block) {
      const id = passageId(block.passage);
      // The heading stands in front of its passage, and is to be seen with it.
      return <span key={id} id={id} className="scroll-mt-24" />;
    }
    return "text" in block ? block.text : show(block.element, look, index);
  });
  const plain = blocks.some((block) => "text" in block);
  const [start, end] = extentOf(blocks, passage);
  const found = start < end && (
    <Found key="found" plain={plain}>
      {shown.slice(start, end)}
    </Found>
  );
  const all = [...shown.slice(0, start), found, ...shown.slice(end)];
  return plain ? (
    <p className="max-w-prose leading-relaxed whitespace-pre-wrap">{all}</p>
  ) : (
    <div className="max-w-prose space-y-4 leading-relaxed">{all}</div>
  );
}

/** Where on a page a passage is: from where it begins to where the next one does. One that begins within an element has all of it. */
function extentOf(blocks: Blocks, passage: number | null): [start: number, end: number] {
  const start = blocks.findIndex((block) => "passage" in block && block.passage === passage);
  if (start === -1) return [0, 0];
  const text = blocks.findIndex((block, index) => index > start && !("passage" in block));
  if (text === -1) return [0, 0];
  const next = blocks.findIndex((block, index) => index > text && "passage" in block);
  let end = next === -1 ? blocks.length : next;
  // The next passage's headings stand in front of it.
  while (next !== -1 && end - 1 > text && isHeading(blocks[end - 1])) end--;
  return [start, end];
}

const isHeading = (block: Blocks[number] | undefined) =>
  block !== undefined && "element" in block && block.element.id !== undefined;

function Found({ plain, children }: { plain: boolean; children: ReactNode }) {
  if (plain) return <mark className="rounded-sm bg-caution-soft text-ink">{children}</mark>;
  return (
    <section
      aria-label="What was found"
      className="-mx-3 space-y-4 rounded-r-lg border-l-4 border-caution bg-caution-soft px-3 py-2"
    >
      {children}
    </section>
  );
}

const addressOf = (path: string, { page, id }: OutlineEntry) =>
  `${path}${page === 1 ? "" : `?page=${page}`}#${encodeURIComponent(id)}`;

/** A link to a heading of the document itself leads to the page that it is on. */
function lookWithin(path: string, outline: readonly OutlineEntry[]): Look {
  const places = new Map(outline.map((entry) => [entry.id, addressOf(path, entry)]));
  return {
    ...DOCUMENT_LOOK,
    a: (element, children) => {
      const { href = "" } = element;
      if (!href.startsWith("#")) return DOCUMENT_LOOK.a?.(element, children);
      const place = places.get(`h-${decode(href.slice(1)).toLowerCase()}`);
      return place === undefined ? (
        <span>{children}</span>
      ) : (
        <a href={place} className={LINK}>
          {children}
        </a>
      );
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const INDENT = ["", "pl-4", "pl-8", "pl-12", "pl-16"];

function Contents({ path, outline }: { path: string; outline: readonly OutlineEntry[] }) {
  if (outline.length === 0) return null;
  return (
    <nav aria-labelledby="contents" className="mb-6 border-b border-line pb-6">
      <h2 id="contents" className="text-sm font-semibold text-muted">
        Contents
      </h2>
      <ul className="mt-2 space-y-1">
        {outline.map((entry) => (
          <li key={entry.id} className={INDENT[entry.level - 2]}>
            <a href={addressOf(path, entry)} className={LINK}>
              {entry.text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Pages({ path, number, count }: { path: string; number: number; count: number }) {
  return (
    <nav
      aria-label="Pages of the document"
      className="mt-6 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4"
    >
      {number > 1 ? <Turn href={`${path}?page=${number - 1}`}>Previous page</Turn> : <span />}
      <span className="text-sm text-muted">
        Page {number} of {count}
      </span>
      {number < count ? <Turn href={`${path}?page=${number + 1}`}>Next page</Turn> : <span />}
    </nav>
  );
}

function Turn({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} prefetch={false} className={LINK}>
      {children}
    </Link>
  );
}
