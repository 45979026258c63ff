import Link from "next/link";
import { memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import { fitHeadings, type MarkdownNode } from "../markdown-headings.ts";
import { tables } from "../markdown-tables.ts";
import { safeLink } from "../safe-link.ts";
import { MARKDOWN_ELEMENTS } from "./markdown.tsx";

const LINK = "font-medium text-accent underline underline-offset-2";

/** A link into the portal stays in the page; one to elsewhere names its host, because its words may say anything. */
function AnswerLink({ href = "", children }: { href?: string | undefined; children?: ReactNode }) {
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

const Heading = ({ children }: { children?: ReactNode }) => (
  <h3 className="pt-1 font-semibold first:pt-0">{children}</h3>
);
const LowerHeading = ({ children }: { children?: ReactNode }) => (
  <h4 className="font-semibold">{children}</h4>
);

const ELEMENTS: Components = {
  ...MARKDOWN_ELEMENTS,
  h3: Heading,
  h4: LowerHeading,
  h5: LowerHeading,
  h6: LowerHeading,
  a: AnswerLink,
  // What an answer quotes is what was asked for, and as dark as the rest.
  blockquote: ({ children }) => (
    <blockquote className="space-y-3 border-l-4 border-edge pl-4">{children}</blockquote>
  ),
};

const REMARK_PLUGINS = [tables, () => (text: MarkdownNode) => fitHeadings(text, "", 3)];

/**
 * Renders an answer's Markdown, which may be unfinished, below a heading of level 2. Like `Markdown`: HTML shows as
 * text, pictures are left out. Links lead into this portal or to http(s) and nowhere else.
 */
export const AnswerText = memo(function AnswerText({ source }: { source: string }) {
  return (
    <div className="space-y-3 leading-relaxed wrap-anywhere" data-testid="answer-text">
      <ReactMarkdown
        components={ELEMENTS}
        disallowedElements={["img"]}
        remarkPlugins={REMARK_PLUGINS}
        // Not the default: AnswerLink judges every address, and is handed it as it is.
        urlTransform={(address) => address}
      >
        {source}
      </ReactMarkdown>
    </div>
  );
});
