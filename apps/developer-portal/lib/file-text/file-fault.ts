/** Why no text could be read of a file. */
export type FileFault =
  | { fault: "unreadable" | "encrypted" | "no_text" | "unpacked" | "text" }
  | { fault: "pages"; pages: number };

/** What is made of a file in its thread. */
export type FileText = { text: string; fault?: never } | (FileFault & { text?: never });

/** Of a file's text, in characters; one document holds as much. */
export const MOST_TEXT = 1_000_000;
/** Of a PDF. More than any manual has. */
export const MOST_PAGES = 500;
