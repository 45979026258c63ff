import type { AlignType, Definition, Nodes, Parents, RootContent, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { markdownFault, treeFault } from "./budget.ts";
import { fitHeadings } from "./headings.ts";

export type ElementName =
  | "h1"
  | "h2"
  | "h3"
  | "h4"
  | "h5"
  | "h6"
  | "p"
  | "ul"
  | "ol"
  | "li"
  | "blockquote"
  | "a"
  | "em"
  | "strong"
  | "code"
  | "pre"
  | "hr"
  | "br"
  | "table"
  | "thead"
  | "tbody"
  | "tr"
  | "th"
  | "td";

/** What Markdown became: an element or a text, made of nothing but data, so that it can be stored. */
export type Rendered = string | RenderedElement;

export interface RenderedElement {
  name: ElementName;
  children: Rendered[];
  /** Of a heading that links lead to. */
  id?: string;
  /** Of a link, as it was written: whoever shows it judges where it may lead. */
  href?: string;
  /** Of a numbered list, where that is not 1. */
  start?: number;
  /** Of a cell. */
  align?: "center" | "right";
}

/** A block at the top of a text, and where in the text it is, in UTF-16 code units. */
export interface Block {
  element: RenderedElement;
  start: number;
  end: number;
}

/**
 * Reads a text as Markdown: headings, lists, tables, paragraphs, emphasis, links, code. HTML in it becomes the text that
 * it is, and pictures are left out, because they would call on other servers. Of GitHub's extensions only tables, which
 * documents have; others would turn into links what was written as text.
 *
 * @param title stands above the text already, so a first heading that repeats it is left out.
 * @param top the level of the highest heading.
 * @returns null for a text that is beyond the budget.
 */
export function readMarkdown(text: string, { title, top }: { title: string; top: number }): Block[] | null {
  if (markdownFault(text) !== null) return null;
  const root = fromMarkdown(text, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  if (treeFault(root) !== null) return null;
  fitHeadings(root, title, top);
  const render = new Renderer(root.children);
  return root.children.flatMap((node) => {
    const element = render.block(node);
    const { position } = node;
    if (element === null) return [];
    return [{ element, start: position?.start.offset ?? 0, end: position?.end.offset ?? 0 }];
  });
}

class Renderer {
  /** Of links whose address stands elsewhere. */
  readonly #addresses = new Map<string, string>();

  constructor(nodes: readonly RootContent[]) {
    const left: Nodes[] = [...nodes];
    const found: Definition[] = [];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      if (node.type === "definition") found.push(node);
      if ("children" in node) for (const child of node.children) left.push(child);
    }
    // The first of a name holds; they were gathered from the end.
    for (const { identifier, url } of found) this.#addresses.set(identifier, url);
  }

  block(node: RootContent): RenderedElement | null {
    const rendered = this.#render(node);
    if (rendered.length === 0) return null;
    const [first] = rendered;
    if (typeof first === "object" && rendered.length === 1) return first;
    return { name: "p", children: rendered };
  }

  #all({ children }: Parents): Rendered[] {
    return children.flatMap((child) => this.#render(child));
  }

  #render(node: Nodes): Rendered[] {
    switch (node.type) {
      case "text":
        return [node.value];
      case "html":
        return [node.value];
      case "paragraph":
        return [{ name: "p", children: this.#all(node) }];
      case "heading":
        return [{ name: `h${node.depth}`, children: this.#all(node) }];
      case "emphasis":
        return [{ name: "em", children: this.#all(node) }];
      case "strong":
        return [{ name: "strong", children: this.#all(node) }];
      case "blockquote":
        return [{ name: "blockquote", children: this.#blocks(node.children) }];
      case "inlineCode":
        return [{ name: "code", children: [node.value] }];
      case "code":
        return [{ name: "pre", children: [{ name: "code", children: [`${node.value}\n`] }] }];
      case "thematicBreak":
        return [{ name: "hr", children: [] }];
      case "break":
        return [{ name: "br", children: [] }];
      case "link":
        return [{ name: "a", href: node.url, children: this.#all(node) }];
      case "linkReference":
        return [{ name: "a", href: this.#addresses.get(node.identifier) ?? "", children: this.#all(node) }];
      case "list": {
        const { ordered, start, children } = node;
        const loose = node.spread === true || children.some(({ spread }) => spread === true);
        const items = children.map(
          (item): RenderedElement => ({
            name: "li",
            children: item.children.flatMap((child) =>
              child.type === "paragraph" && !loose ? this.#all(child) : (this.block(child) ?? []),
            ),
          }),
        );
        const list: RenderedElement = { name: ordered ? "ol" : "ul", children: items };
        return [typeof start === "number" && start !== 1 ? { ...list, start } : list];
      }
      case "table":
        return [this.#table(node)];
      default:
        return [];
    }
  }

  #blocks(nodes: readonly RootContent[]): RenderedElement[] {
    return nodes.flatMap((node) => this.block(node) ?? []);
  }

  /** Rows get the width of the head, as GitHub's do. */
  #table({ children, align = [] }: Table): RenderedElement {
    const width = children[0]?.children.length ?? 0;
    const rows = children.map(({ children: cells }, row): RenderedElement => {
      const name = row === 0 ? "th" : "td";
      return {
        name: "tr",
        children: Array.from({ length: width }, (_, column) => {
          const cell = cells[column];
          const inside = cell === undefined ? [] : this.#all(cell);
          return { name, children: inside, ...alignment(align?.[column]) };
        }),
      };
    });
    const [head, ...body] = rows;
    const parts: RenderedElement[] = [];
    if (head !== undefined) parts.push({ name: "thead", children: [head] });
    if (body.length > 0) parts.push({ name: "tbody", children: body });
    return { name: "table", children: parts };
  }
}

const alignment = (align: AlignType | undefined): Pick<RenderedElement, "align"> =>
  align === "center" || align === "right" ? { align } : {};
