import { Buffer } from "node:buffer";
import mammoth from "mammoth";
import { type FileText, MOST_TEXT } from "./file-fault.ts";
import { plainMarkdown, storable } from "./markdown-text.ts";
import { zipFault } from "./zip-bounds.ts";

/** How a file begins that Word has locked with a password; those of Word before 2007 do so, too. */
const COMPOUND_FILE = "d0cf11e0a1b11ae1";
const ZIP = "504b0304";

/** As much of mammoth's tree as is read here. */
interface Node {
  type: string;
  children?: Node[];
  value?: string;
  styleName?: string | null;
  numbering?: { level: string | number; isOrdered: boolean } | null;
  href?: string;
  checked?: boolean;
  noteType?: string;
  body?: Node[];
  notes?: { resolve(reference: Node): Node | undefined };
}

/** A Word file (.docx) as Markdown: headings, lists, tables and links stay; pictures and emphasis do not. */
export async function docxText(bytes: Uint8Array): Promise<FileText> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.subarray(0, 8).toString("hex") === COMPOUND_FILE) return { fault: "encrypted" };
  if (file.subarray(0, 4).toString("hex") !== ZIP) return { fault: "unreadable" };
  const fault = zipFault(file);
  if (fault !== null) return fault;
  let document: Node | undefined;
  try {
    await mammoth.convertToHtml(
      { buffer: file },
      {
        // What is wanted is the tree in front of the HTML.
        transformDocument: (read: Node) => {
          document = read;
          return { ...read, children: [] };
        },
      },
    );
  } catch {
    return { fault: "unreadable" };
  }
  if (document === undefined) return { fault: "unreadable" };
  const text = new MarkdownWriter(document.notes).blocks(document.children ?? []);
  if (text === "") return { fault: "no_text" };
  return text.length > MOST_TEXT ? { fault: "text" } : { text };
}

class MarkdownWriter {
  readonly #notes: Node["notes"];

  constructor(notes: Node["notes"]) {
    this.#notes = notes;
  }

  blocks(nodes: readonly Node[]): string {
    let text = "";
    let wasItem = false;
    for (const node of nodes) {
      const block = node.type === "table" ? this.#table(node) : this.#paragraph(node);
      if (block === "") continue;
      const isItem = node.numbering != null;
      text += `${text === "" ? "" : isItem && wasItem ? "\n" : "\n\n"}${block}`;
      wasItem = isItem;
    }
    return text;
  }

  #paragraph({ children = [], styleName, numbering }: Node): string {
    const line = this.#line(children);
    if (line === "") return "";
    const level = /^heading ([1-6])$/i.exec(styleName ?? "")?.[1] ?? (styleName === "Title" ? "1" : null);
    if (level !== null) return `${"#".repeat(Number(level))} ${line}`;
    if (numbering == null) return plainStart(line);
    const indent = "    ".repeat(Math.min(Number(numbering.level) || 0, 4));
    return `${indent}${numbering.isOrdered ? "1." : "-"} ${line}`;
  }

  #line(nodes: readonly Node[]): string {
    return this.#inline(nodes).replace(/\s+/g, " ").trim();
  }

  #inline(nodes: readonly Node[]): string {
    return nodes
      .map((node): string => {
        switch (node.type) {
          case "text":
            return plainMarkdown(storable(node.value ?? ""));
          case "tab":
          case "break":
            return " ";
          case "checkbox":
            return node.checked ? "☑ " : "☐ ";
          case "hyperlink":
            return this.#link(node);
          case "noteReference": {
            const note = this.#notes?.resolve(node);
            return note === undefined ? "" : ` (${this.#line(note.body ?? [])})`;
          }
          default:
            return this.#inline(node.children ?? []);
        }
      })
      .join("");
  }

  #link({ href, children = [] }: Node): string {
    const text = this.#inline(children);
    if (href === undefined || text.trim() === "" || !/^(?:https?:\/\/|mailto:)[^\s<>()]+$/i.test(href))
      return text;
    return `[${text}](${storable(href)})`;
  }

  #table({ children = [] }: Node): string {
    const rows = children.map(({ children: cells = [] }) =>
      cells.map(({ children: blocks = [] }) =>
        blocks
          .map((block) => this.#line(block.children ?? []))
          .join(" ")
          .trim(),
      ),
    );
    const width = Math.max(0, ...rows.map(({ length }) => length));
    if (rows.every((row) => row.every((cell) => cell === ""))) return "";
    const lineOf = (row: readonly string[]) =>
      `| ${Array.from({ length: width }, (_, at) => row[at] ?? "").join(" | ")} |`;
    const [head = [], ...body] = rows;
    return [lineOf(head), `|${" --- |".repeat(width)}`, ...body.map(lineOf)].join("\n");
  }
}

/** What stands at a line's start is no list that Word does not know of. */
const plainStart = (line: string): string =>
  line.replace(/^(?=[-+]\s)/, "\\").replace(/^(\d{1,9})(?=[.)]\s)/, "$1\\");
