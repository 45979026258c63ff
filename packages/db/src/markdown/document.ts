import { chunkText, normalizeLineEnds, type TextChunk } from "../chunk-text.ts";
import { type Block, type Rendered, type RenderedElement, readMarkdown } from "./elements.ts";
import type { OutlineEntry } from "./outline.ts";

/** A document's text, and what stands above it. */
export interface SourceText {
  title: string;
  mediaType: "text/plain" | "text/markdown";
  body: string;
}

/** A piece of a page, in order: an element, plain text, or the place where a passage begins. */
export type PageBlock = { element: RenderedElement } | { text: string } | { passage: number };

interface Page {
  /** The first passage that begins on it or on a page behind it. */
  firstPassage: number;
  blocks: PageBlock[];
}

/** A page as it is stored: its blocks in JSON. */
export interface MadePage {
  firstPassage: number;
  blocks: string;
}

/** All that is made of a document once, so that showing it and finding something in it is a matter of reading. */
export interface MadeDocument {
  chunks: TextChunk[];
  pages: MadePage[];
  outline: OutlineEntry[];
}

/** Of a page: what a portal renders within a few milliseconds, and a person reads within some minutes. */
const PAGE_WEIGHT = 20_000;
/** What an element counts beside its characters. */
const ELEMENT_WEIGHT = 40;
/** A list of contents that is longer is none. */
const MOST_ENTRIES = 60;
const LONGEST_ENTRY = 120;

/**
 * Makes passages, pages and a list of contents of a text.
 *
 * @param asText shows Markdown as plain text, as for one that is beyond the budget.
 */
export function makeDocument({ title, mediaType, body }: SourceText, asText = false): MadeDocument {
  const text = normalizeLineEnds(body);
  const chunks = chunkText(text, mediaType);
  const blocks = mediaType === "text/markdown" && !asText ? readMarkdown(text, { title, top: 2 }) : null;
  const pages = blocks === null ? pagesOfText(text, chunks) : pagesOfBlocks(blocks, chunks);
  return {
    chunks,
    pages: pages.map((page) => ({ firstPassage: page.firstPassage, blocks: JSON.stringify(page.blocks) })),
    outline: outlineOf(pages),
  };
}

/** A text as it was typed, with the places of its passages in it. */
function pagesOfText(text: string, chunks: readonly TextChunk[]): Page[] {
  const pages: Page[] = [];
  let page: Page = { firstPassage: 0, blocks: [] };
  let weight = 0;
  const add = (part: string) => {
    if (part !== "") page.blocks.push({ text: part });
    weight += part.length;
  };
  add(text.slice(0, chunks[0]?.start ?? text.length));
  for (const [passage, { start }] of chunks.entries()) {
    if (weight >= PAGE_WEIGHT) {
      pages.push(page);
      page = { firstPassage: passage, blocks: [] };
      weight = 0;
    }
    page.blocks.push({ passage });
    add(text.slice(start, chunks[passage + 1]?.start ?? text.length));
  }
  return [...pages, page];
}

function pagesOfBlocks(blocks: readonly Block[], chunks: readonly TextChunk[]): Page[] {
  const pages: Page[] = [];
  const ids = new Ids();
  let page: Page = { firstPassage: 0, blocks: [] };
  let weight = 0;
  let passage = 0;
  const turn = () => {
    // A heading goes where its text is.
    const last = page.blocks.at(-1);
    const isHeading = last !== undefined && "element" in last && last.element.id !== undefined;
    const heading = isHeading && page.blocks.length > 1 ? page.blocks.splice(-1) : [];
    pages.push(page);
    page = { firstPassage: passage, blocks: heading };
    weight = 0;
  };
  for (const { element, end } of blocks.flatMap(pieces)) {
    const own = weigh(element);
    const heading = /^h\d$/.test(element.name);
    if (weight > 0 && (weight + own > PAGE_WEIGHT || (heading && weight > PAGE_WEIGHT / 2))) turn();
    const begun: PageBlock[] = [];
    for (; (chunks[passage]?.start ?? Number.POSITIVE_INFINITY) < end; passage++) begun.push({ passage });
    page.blocks.push(...begun, { element: heading ? { ...element, id: ids.of(textOf(element)) } : element });
    weight += own;
  }
  pages.push(page);
  return pages;
}

/** A block that is too heavy for a page, in several of its kind. */
function pieces(block: Block): Block[] {
  const { element, start, end } = block;
  const parts = split(element);
  if (parts.length === 1) return [block];
  const whole = parts.reduce((sum, part) => sum + weigh(part), 0);
  let before = 0;
  return parts.map((part) => {
    const from = start + Math.round(((end - start) * before) / whole);
    before += weigh(part);
    return { element: part, start: from, end: start + Math.round(((end - start) * before) / whole) };
  });
}

function split(element: RenderedElement): RenderedElement[] {
  if (weigh(element) <= PAGE_WEIGHT) return [element];
  const [head, body] = element.children;
  // Each part of a table has its head.
  if (element.name === "table" && typeof body === "object" && head !== undefined)
    return split(body).map((part) => ({ ...element, children: [head, part] }));
  const groups: Rendered[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const child of element.children.flatMap(splitRendered)) {
    const own = weigh(child);
    if (weight + own > PAGE_WEIGHT) {
      groups.push([]);
      weight = 0;
    }
    groups.at(-1)?.push(child);
    weight += own;
  }
  let start = element.start ?? 1;
  return groups.map((children) => {
    const part = { ...element, children };
    if (element.name === "ol" && start !== 1) part.start = start;
    start += children.length;
    return part;
  });
}

function splitRendered(rendered: Rendered): Rendered[] {
  if (typeof rendered !== "string") return split(rendered);
  const parts: string[] = [];
  for (let at = 0; at < rendered.length; ) {
    const far = Math.min(at + PAGE_WEIGHT / 2, rendered.length);
    const space = rendered.lastIndexOf(" ", far);
    // Not between the halves of a surrogate pair.
    const end = far === rendered.length || space <= at ? far + (isHalf(rendered, far) ? 1 : 0) : space + 1;
    parts.push(rendered.slice(at, end));
    at = end;
  }
  return parts;
}

const isHalf = (text: string, at: number) => /^[\uDC00-\uDFFF]/.test(text.charAt(at));

const weights = new WeakMap<RenderedElement, number>();

function weigh(rendered: Rendered): number {
  if (typeof rendered === "string") return rendered.length;
  const known = weights.get(rendered);
  if (known !== undefined) return known;
  const weight = rendered.children.reduce((sum, child) => sum + weigh(child), ELEMENT_WEIGHT);
  weights.set(rendered, weight);
  return weight;
}

function textOf(rendered: Rendered): string {
  return typeof rendered === "string" ? rendered : rendered.children.map(textOf).join("");
}

/** Ids of headings as links within a document name them: `Getting started` is `getting-started`, the next one `getting-started-1`. */
class Ids {
  readonly #used = new Map<string, number>();

  of(heading: string): string {
    const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "");
    const slug = words.trim().replace(/\s+/g, "-").slice(0, 80) || "part";
    const used = this.#used.get(slug) ?? 0;
    this.#used.set(slug, used + 1);
    return `h-${used === 0 ? slug : `${slug}-${used}`}`;
  }
}

/** The headings of a document; without the lower levels where there are too many. */
function outlineOf(pages: readonly Page[]): OutlineEntry[] {
  const entries = pages.flatMap(({ blocks }, index) =>
    blocks.flatMap((block) => {
      if (!("element" in block) || block.element.id === undefined) return [];
      const { name, id } = block.element;
      const text = textOf(block.element).slice(0, LONGEST_ENTRY).trim();
      return text === "" ? [] : [{ text, level: Number(name.charAt(1)), page: index + 1, id }];
    }),
  );
  for (let lowest = 6; lowest > 2; lowest--) {
    const shown = entries.filter(({ level }) => level <= lowest);
    if (shown.length <= MOST_ENTRIES) return shown;
  }
  return entries.filter(({ level }) => level === 2).slice(0, MOST_ENTRIES);
}
