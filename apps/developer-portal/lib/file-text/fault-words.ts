import { formatCount, formatNumberOf } from "@openhouse/web/format";
import { type FileFault, MOST_PAGES, MOST_TEXT } from "./file-fault.ts";

/** What helps where a file as it is does not do. */
export const SIMPLER = "Save it anew from the program that made it, split it, or upload its text (.txt).";
/** What is wrong with a file, for whoever uploads it. */
export function faultWords(found: FileFault, kind: "pdf" | "docx"): string {
  switch (found.fault) {
    case "encrypted":
      return kind === "pdf"
        ? "The file is locked with a password. Save it without one first."
        : "The file is locked with a password, or is of Word before 2007. Save it as .docx, without a password.";
    case "no_text":
      return kind === "pdf"
        ? "The file holds pictures of pages and no text, as a scanner makes it. Have its text recognised (OCR) first."
        : "The file holds no text.";
    case "pages":
      return `The file has ${formatNumberOf(found.pages, "page")}; the most is ${MOST_PAGES}. Split it into several documents.`;
    case "text":
      return `The file’s text is longer than ${formatCount(MOST_TEXT)} characters. Split it into several documents.`;
    case "unpacked":
      return "The file is very much larger than it looks, and was not read. Save it anew from the program that made it.";
    case "unreadable":
      return `This is no ${kind === "pdf" ? "PDF" : "Word"} file that can be read. ${SIMPLER}`;
  }
}
