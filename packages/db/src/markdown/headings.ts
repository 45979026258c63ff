/** As much of a Markdown syntax tree (mdast) as headings need. */
export interface MarkdownNode {
  type: string;
  depth?: number;
  value?: string;
  children?: MarkdownNode[];
}

/**
 * Fits a text's headings under a heading `title`: a first heading that only repeats the title is dropped, the highest level that is
 * left becomes `top`, the others follow without gaps that the text does not have itself. Changes the tree in place.
 *
 * @param top 2 below a page's `h1`.
 */
export function fitHeadings(text: MarkdownNode, title: string, top = 2): void {
  const [first] = text.children ?? [];
  if (first?.type === "heading" && sameWords(plainText(first), title)) text.children?.shift();
  const headings = (text.children ?? []).filter(({ type }) => type === "heading");
  const highest = Math.min(...headings.map(({ depth = 1 }) => depth));
  for (const heading of headings) heading.depth = Math.min((heading.depth ?? 1) - highest + top, 6);
}

function plainText({ value, children = [] }: MarkdownNode): string {
  return value ?? children.map(plainText).join("");
}

function sameWords(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
