import { type Rendered, type RenderedElement, readMarkdown } from "@openhouse/db/markdown/elements";
import Link from "next/link";
import { createElement, Fragment, type ReactNode } from "react";
import { safeLink } from "../safe-link.ts";
import { classNames } from "./class-names.tsx";

/** How an element of Markdown looks; one that is not named here looks as the browser has it. */
export type Look = Partial<
  Record<RenderedElement["name"], (element: RenderedElement, children: ReactNode[]) => ReactNode>
>;

const CELL = "border-b border-line px-3 py-2 align-top first:pl-0 last:pr-0";
const ALIGNED = { center: "text-center", right: "text-right tabular-nums" } as const;
const cellClass = (align: RenderedElement["align"], more?: string) =>
  classNames(CELL, align === undefined ? "text-left" : ALIGNED[align], more);
const LINK = "font-medium text-accent underline underline-offset-2";

/** How the elements of a document look. */
export const DOCUMENT_LOOK: Look = {
  h2: ({ id }, children) => (
    <h2 id={id} className="pt-3 text-xl font-semibold tracking-tight first:pt-0">
      {children}
    </h2>
  ),
  h3: ({ id }, children) => (
    <h3 id={id} className="pt-2 text-lg font-semibold tracking-tight first:pt-0">
      {children}
    </h3>
  ),
  h4: ({ id }, children) => (
    <h4 id={id} className="pt-1 font-semibold first:pt-0">
      {children}
    </h4>
  ),
  h5: ({ id }, children) => (
    <h5 id={id} className="font-semibold">
      {children}
    </h5>
  ),
  h6: ({ id }, children) => (
    <h6 id={id} className="font-semibold">
      {children}
    </h6>
  ),
  ul: (_, children) => <ul className="list-disc space-y-1.5 pl-6 marker:text-muted">{children}</ul>,
  ol: ({ start }, children) => (
    <ol start={start} className="list-decimal space-y-1.5 pl-6 marker:text-muted">
      {children}
    </ol>
  ),
  blockquote: (_, children) => (
    <blockquote className="space-y-4 border-l-4 border-line pl-4 text-muted">{children}</blockquote>
  ),
  a: ({ href = "" }, children) => <CheckedLink href={href}>{children}</CheckedLink>,
  code: (_, children) => (
    <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.9em]">{children}</code>
  ),
  pre: (_, children) => (
    <pre className="rounded-lg bg-sunken p-4 text-sm wrap-anywhere whitespace-pre-wrap [&_code]:bg-transparent [&_code]:p-0">
      {children}
    </pre>
  ),
  hr: () => <hr className="border-line" />,
  // Wider than a phone, it scrolls by itself, with the arrow keys too.
  table: (_, children) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable for the arrow keys
    <section aria-label="Table" tabIndex={0} className="relative overflow-x-auto wrap-normal">
      <table className="text-sm">{children}</table>
    </section>
  ),
  th: ({ align }, children) => (
    <th scope="col" className={cellClass(align, "font-semibold")}>
      {children}
    </th>
  ),
  td: ({ align }, children) => <td className={cellClass(align)}>{children}</td>,
};

/** A link into the portal stays in the page; one to elsewhere names its host, because its words may say anything. */
function CheckedLink({ href, children }: { href: string; children: ReactNode }) {
  const link = safeLink(href);
  if (link === null) return <span>{children}</span>;
  if (link.kind === "inside") {
    return (
      <Link href={link.path} prefetch={false} className={LINK}>
        {children}
      </Link>
    );
  }
  return (
    <>
      <a href={link.url} target="_blank" rel="noopener noreferrer nofollow" className={LINK}>
        {children}
      </a>{" "}
      <span className="text-sm text-muted">({link.host}, opens a new tab)</span>
    </>
  );
}

/** Shows what `readMarkdown` made. */
export function show(rendered: Rendered, look: Look, key: number): ReactNode {
  if (typeof rendered === "string") return rendered;
  const children = rendered.children.map((child, index) => show(child, look, index));
  const shown = look[rendered.name]?.(rendered, children);
  return shown === undefined ? (
    createElement(rendered.name, { key }, ...children)
  ) : (
    <Fragment key={key}>{shown}</Fragment>
  );
}

interface MarkdownProps {
  source: string;
  /** Stands above it already: a first heading that repeats it is left out. */
  title?: string;
  /** The level of the highest heading. */
  top?: number;
  look?: Look;
}

/** A text as Markdown; as plain text where it is beyond the budget. */
export function Markdown({ source, title = "", top = 2, look = DOCUMENT_LOOK }: MarkdownProps) {
  const blocks = readMarkdown(source, { title, top });
  if (blocks === null) return <p className="whitespace-pre-wrap">{source}</p>;
  return <>{blocks.map(({ element }, index) => show(element, look, index))}</>;
}
