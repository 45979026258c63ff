import { memo, type ReactNode } from "react";
import { DOCUMENT_LOOK, type Look, Markdown } from "./markdown.tsx";

const lowerHeading = (_: unknown, children: ReactNode[]) => <h4 className="font-semibold">{children}</h4>;

const ANSWER_LOOK: Look = {
  ...DOCUMENT_LOOK,
  h3: (_, children) => <h3 className="pt-1 font-semibold first:pt-0">{children}</h3>,
  h4: lowerHeading,
  h5: lowerHeading,
  h6: lowerHeading,
  // What an answer quotes is what was asked for, and as dark as the rest.
  blockquote: (_, children) => (
    <blockquote className="space-y-3 border-l-4 border-edge pl-4">{children}</blockquote>
  ),
};

/**
 * Renders an answer's Markdown, which may be unfinished, below a heading of level 2; as plain text where it is beyond the
 * budget. Links lead into this portal or to http(s) and nowhere else.
 */
export const AnswerText = memo(function AnswerText({ source }: { source: string }) {
  return (
    <div className="space-y-3 leading-relaxed wrap-anywhere" data-testid="answer-text">
      <Markdown source={source} top={3} look={ANSWER_LOOK} />
    </div>
  );
});
