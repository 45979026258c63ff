import ReactMarkdown, { type Components } from "react-markdown";
import { fitHeadings, type MarkdownNode } from "../markdown-headings.ts";
import { tables } from "../markdown-tables.ts";
import { classNames } from "./class-names.tsx";

const CELL = "border-b border-line px-3 py-2 align-top first:pl-0 last:pr-0";
const ALIGNED = new Map<unknown, string>([
  ["center", "text-center"],
  ["right", "text-right tabular-nums"],
]);
const cellClass = (style: { textAlign?: unknown } | undefined, more?: string) =>
  classNames(CELL, ALIGNED.get(style?.textAlign) ?? "text-left", more);

/** How the elements of Markdown look. */
export const MARKDOWN_ELEMENTS: Components = {
  h2: ({ children }) => <h2 className="pt-3 text-xl font-semibold tracking-tight first:pt-0">{children}</h2>,
  h3: ({ children }) => <h3 className="pt-2 text-lg font-semibold tracking-tight first:pt-0">{children}</h3>,
  h4: ({ children }) => <h4 className="pt-1 font-semibold first:pt-0">{children}</h4>,
  h5: ({ children }) => <h5 className="font-semibold">{children}</h5>,
  h6: ({ children }) => <h6 className="font-semibold">{children}</h6>,
  ul: ({ children }) => <ul className="list-disc space-y-1.5 pl-6 marker:text-muted">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="list-decimal space-y-1.5 pl-6 marker:text-muted">
      {children}
    </ol>
  ),
  blockquote: ({ children }) => (
    <blockquote className="space-y-4 border-l-4 border-line pl-4 text-muted">{children}</blockquote>
  ),
  a: ({ children, href }) => (
    <a href={href} rel="noreferrer nofollow" className="font-medium text-accent underline underline-offset-2">
      {children}
    </a>
  ),
  code: ({ children }) => (
    <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.9em]">{children}</code>
  ),
  pre: ({ children }) => (
    <pre className="rounded-lg bg-sunken p-4 text-sm wrap-anywhere whitespace-pre-wrap [&_code]:bg-transparent [&_code]:p-0">
      {children}
    </pre>
  ),
  hr: () => <hr className="border-line" />,
  // Wider than a phone, it scrolls by itself, with the arrow keys too.
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable for the arrow keys
    <section aria-label="Table" tabIndex={0} className="overflow-x-auto wrap-normal">
      <table className="text-sm">{children}</table>
    </section>
  ),
  th: ({ children, style }) => (
    <th scope="col" className={cellClass(style, "font-semibold")}>
      {children}
    </th>
  ),
  td: ({ children, style }) => <td className={cellClass(style)}>{children}</td>,
};

/**
 * Renders Markdown as React elements: headings, lists, tables, paragraphs, emphasis, links, code. HTML in the source shows as
 * the text it is, links keep only safe protocols, and pictures are left out because they would call on other servers.
 *
 * @param title stands above the text already, so a first heading that repeats it is left out.
 */
export function Markdown({ source, title }: { source: string; title: string }) {
  return (
    <div className="max-w-prose space-y-4 leading-relaxed">
      <ReactMarkdown
        components={MARKDOWN_ELEMENTS}
        disallowedElements={["img"]}
        remarkPlugins={[tables, () => (text: MarkdownNode) => fitHeadings(text, title)]}
      >
        {source}
      </ReactMarkdown>
    </div>
  );
}

/** Renders plain text as it was typed, long lines broken where they must be. */
export function PlainText({ source }: { source: string }) {
  return <p className="max-w-prose leading-relaxed whitespace-pre-wrap">{source}</p>;
}
