import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";

/** What remark's parser is extended by. */
interface Extensions {
  micromarkExtensions?: unknown[];
  fromMarkdownExtensions?: unknown[];
}

/**
 * A remark plugin: has the parser know tables, as in https://github.github.com/gfm/#tables-extension-. Of GitHub's
 * extensions only these, which documents have; others would turn into links what was written as text.
 */
export function tables(this: { data(): object }): void {
  const settings: Extensions = this.data();
  settings.micromarkExtensions = [...(settings.micromarkExtensions ?? []), gfmTable()];
  settings.fromMarkdownExtensions = [...(settings.fromMarkdownExtensions ?? []), gfmTableFromMarkdown()];
}
