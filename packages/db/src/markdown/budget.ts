/**
 * How much of a text that somebody else wrote is read as Markdown. What holds more is shown as plain text: a few
 * thousand characters can make a million cells, and the parser's work grows with the square of the marks in one
 * paragraph.
 */
export const MARKDOWN_BUDGET = {
  /** Of one table. Every row is as wide as the table's head, however short it is written. */
  columns: 40,
  /** Of all tables together. */
  cells: 5_000,
  /** Quotes, lists and emphasis within each other. */
  depth: 20,
  /** Of the whole text: paragraphs, items, cells, stretches of text. */
  nodes: 20_000,
  /** Characters that may begin or end emphasis, links and code, in lines without an empty one between them. */
  marks: 500,
  /** How long the making of a whole document may take, in milliseconds. */
  timeMs: 30_000,
} as const;

/** Nobody draws a longer line, in characters. */
const LONGEST_RULE = 200;

type Counted = Exclude<keyof typeof MARKDOWN_BUDGET, "timeMs">;

export interface MarkdownFault {
  what: Counted;
  /** Of the text, from 1. */
  line: number;
}

/**
 * What makes a text too much to be parsed, and where; null where nothing does. Looks at each character once, and judges
 * by what the text could be at most: no parser makes more of it. Emphasis within emphasis only the parser can tell;
 * {@link treeFault} counts it.
 */
export function markdownFault(
  text: string,
  budget: Readonly<Record<Counted, number>> = MARKDOWN_BUDGET,
): MarkdownFault | null {
  if (isOneFence(text)) return null;
  const count = new Count(budget);
  for (let start = 0, line = 1; start <= text.length; line++) {
    const end = endOfLine(text, start);
    const what = count.add(text, start, end);
    if (what !== null) return { what, line };
    start = text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? end + 2 : end + 1;
  }
  return null;
}

/**
 * The text as it may be kept among texts that are read as Markdown: itself, or as one piece of code where it is beyond the
 * budget, whoever reads it.
 */
export function withinBudget(text: string): string {
  if (markdownFault(text) === null) return text;
  let longest = 2;
  for (const [ticks] of text.matchAll(/`{3,}/g)) longest = Math.max(longest, ticks.length);
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** Whether the text is what `withinBudget` makes: its first line opens a piece of code that only its last one can close. */
function isOneFence(text: string): boolean {
  const fence = /^(`{3,})\n/.exec(text)?.[1];
  return fence !== undefined && text.indexOf(fence, fence.length) === text.length - fence.length;
}

/** As much of a parsed text as the budget asks for. */
export interface BudgetNode {
  type: string;
  children?: readonly BudgetNode[];
  position?: { start: { line: number } } | undefined;
}

const NESTING: ReadonlySet<string> = new Set(["blockquote", "listItem", "emphasis", "strong", "link"]);

/** What makes a parsed text too much to be turned into elements. Does not recurse: the tree may be deep. */
export function treeFault(root: BudgetNode): MarkdownFault | null {
  let nodes = 0;
  const left: { node: BudgetNode; depth: number; line: number }[] = [{ node: root, depth: 0, line: 1 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const line = next.node.position?.start.line ?? next.line;
    const depth = next.depth + (NESTING.has(next.node.type) ? 1 : 0);
    nodes += 1;
    if (depth > MARKDOWN_BUDGET.depth) return { what: "depth", line };
    if (nodes > MARKDOWN_BUDGET.nodes) return { what: "nodes", line };
    for (const node of next.node.children ?? []) left.push({ node, depth, line });
  }
  return null;
}

const [TAB, LF, CR, SPACE] = [9, 10, 13, 32];
const QUOTE = 62; // >
const BACKSLASH = 92;
const PIPE = 124;

function endOfLine(text: string, start: number): number {
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === LF || code === CR) break;
  }
  return end;
}

/** A quote that is open, or an item of a list with the column that its text begins at. */
type Container = "quote" | number;

class Count {
  readonly #budget: Readonly<Record<Counted, number>>;
  #cells = 0;
  #nodes = 1;
  /** Since the last empty line. */
  #marks = 0;
  /** Of the table that the lines since the last empty one may be; 0 where they are none. */
  #columns = 0;
  #open: Container[] = [];
  #afterBlank = true;
  #afterText = false;

  constructor(budget: Readonly<Record<Counted, number>>) {
    this.#budget = budget;
  }

  /** Counts a line; answers what there is too much of. */
  add(text: string, start: number, end: number): Counted | null {
    const begun = this.#containers(text, start, end);
    if (begun === null) return "depth";
    const { content, item } = begun;
    // An empty item ends no paragraph.
    if (content === end && !item) {
      this.#marks = 0;
      this.#columns = 0;
      this.#afterBlank = true;
      this.#afterText = false;
      return null;
    }
    const { marks, pipes, delimiters } = look(text, content, end);
    if (separates(text, start, end)) this.#marks = 0;
    this.#marks += marks + this.#beyondRule(text, content, end);
    if (this.#marks > this.#budget.marks) return "marks";
    const fault = this.#table(delimiters, pipes);
    if (fault !== null) return fault;
    this.#nodes += 2 * marks + this.#blocks(text, content, end);
    this.#afterBlank = false;
    return this.#nodes > this.#budget.nodes ? "nodes" : null;
  }

  /** A line of dashes may be a rule, and blanks between them cost the parser as much as marks do. */
  #beyondRule(text: string, content: number, end: number): number {
    const tooMuch = end - content - LONGEST_RULE;
    return tooMuch > 0 && isRule(text, content, end) ? tooMuch : 0;
  }

  /** A line below one that is text too goes on with its paragraph; any other may be a block, or end in a break. */
  #blocks(text: string, content: number, end: number): number {
    const isText = isLetter(text, content);
    const goesOn = isText && this.#afterText;
    this.#afterText = isText;
    const last = text.charCodeAt(end - 1);
    return goesOn && last !== SPACE && last !== BACKSLASH ? 0 : 3;
  }

  #table(delimiters: number, pipes: number): Counted | null {
    // The first line of dashes stands below the head; any other may be a row.
    const row = this.#columns > 0;
    this.#columns = Math.max(this.#columns, delimiters);
    if (this.#columns > 0) {
      this.#cells += this.#columns;
      this.#nodes += 2 * Math.max(this.#columns, row ? pipes + 1 : 0);
    }
    if (this.#columns > this.#budget.columns) return "columns";
    return this.#cells > this.#budget.cells ? "cells" : null;
  }

  /**
   * Goes through the quotes and items that a line begins with. Answers where its text begins, and whether an item does;
   * null where they are too deep.
   */
  #containers(text: string, start: number, end: number): { content: number; item: boolean } | null {
    let at = start;
    let column = 0;
    /** Moves over blanks, to the column `most` at the furthest. */
    const skip = (most: number) => {
      for (; at < end && column < most; at++) {
        const code = text.charCodeAt(at);
        if (code !== SPACE && code !== TAB) return;
        column += code === TAB ? 4 - (column % 4) : 1;
      }
    };
    /** Past a `>` and the blank that belongs to it. */
    const skipQuote = () => {
      at++;
      column++;
      skip(column + 1);
    };

    let kept = 0;
    for (const container of this.#open) {
      const [before, columnBefore] = [at, column];
      if (container === "quote") {
        skip(column + 3);
        if (text.charCodeAt(at) !== QUOTE || at >= end) {
          [at, column] = [before, columnBefore];
          break;
        }
        skipQuote();
      } else {
        skip(container);
        if (column < container && at < end) {
          [at, column] = [before, columnBefore];
          break;
        }
      }
      kept++;
    }

    let opened: Container[] | null = null;
    while (true) {
      const [before, columnBefore] = [at, column];
      skip(column + 3);
      const marker = at < end ? markerLength(text, at, end) : 0;
      if (at < end && text.charCodeAt(at) === QUOTE) {
        skipQuote();
        opened = [...(opened ?? []), "quote"];
      } else if (marker > 0) {
        at += marker;
        column += marker;
        const [blanks, first] = [at, column + 1];
        skip(column + 5);
        // More than four blanks are one, and code.
        if (at >= end || column - first > 3) [at, column] = [Math.min(blanks + 1, end), first];
        opened = [...(opened ?? []), column];
      } else {
        [at, column] = [before, columnBefore];
        break;
      }
      if (kept + opened.length > this.#budget.depth) return null;
    }
    // Below text, a line without its marks may go on with the paragraph, and everything around that stays open.
    if (opened !== null) this.#open = [...this.#open.slice(0, kept), ...opened];
    else if (this.#afterBlank && at < end) this.#open.length = kept;
    this.#nodes += 2 * (opened?.length ?? 0);
    skip(Number.POSITIVE_INFINITY);
    return { content: at, item: opened?.some((container) => container !== "quote") ?? false };
  }
}

/** The length of a list item's marker at `at`, 0 where there is none; a line of dashes or stars is none. */
function markerLength(text: string, at: number, end: number): number {
  const code = text.charCodeAt(at);
  let length = 0;
  if (code === 42 || code === 43 || code === 45) length = isRule(text, at, end) ? 0 : 1;
  else {
    let digits = at;
    while (digits < end && digits - at < 9 && isDigit(text.charCodeAt(digits))) digits++;
    const after = text.charCodeAt(digits);
    if (digits > at && digits < end && (after === 46 || after === 41)) length = digits + 1 - at;
  }
  if (length === 0) return 0;
  const next = text.charCodeAt(at + length);
  return at + length >= end || next === SPACE || next === TAB ? length : 0;
}

function isRule(text: string, start: number, end: number): boolean {
  const mark = text.charCodeAt(start);
  let marks = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === mark) marks++;
    else if (code !== SPACE && code !== TAB) return false;
  }
  return marks >= 3 && mark !== 43;
}

const isDigit = (code: number) => code >= 48 && code <= 57;

/** What no block but text begins with. */
const isLetter = (text: string, at: number) => /^\p{L}/u.test(text.slice(at, at + 2));

/** Whether a line surely ends a paragraph above it: a heading, or an item that is not indented and has text. */
const separates = (text: string, start: number, end: number) =>
  /^ {0,3}(?:[-*+] {1,4}[^\s]|#{1,6} )/.test(text.slice(start, Math.min(end, start + 12)));

interface Look {
  marks: number;
  pipes: number;
  /** Of a line below a table's head: how many columns it names. */
  delimiters: number;
}

function look(text: string, start: number, end: number): Look {
  let marks = 0;
  let pipes = 0;
  let dashes = false;
  let colons = false;
  let otherwise = false;
  let columns = 0;
  let inColumn = false;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    switch (code) {
      case PIPE:
        pipes++;
        if (inColumn) columns++;
        inColumn = false;
        break;
      case 45: // -
        dashes = true;
        inColumn = true;
        break;
      case 58: // :
        colons = true;
        inColumn = true;
        break;
      case SPACE:
      case TAB:
        break;
      case 42: // *
      case 95: // _
      case 91: // [
      case 93: // ]
      case 96: // `
      case 60: // <
        marks++;
        otherwise = true;
        break;
      default:
        otherwise = true;
    }
  }
  if (inColumn) columns++;
  return { marks, pipes, delimiters: dashes && !otherwise && (pipes > 0 || colons) ? columns : 0 };
}
