import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DocumentName } from "./company.ts";

/** A document's title and Markdown, with a development's facts filled in. Throws where a fact is missing. */
export function seedDocument(name: DocumentName, facts: Readonly<Record<string, string>>) {
  const template = readFileSync(fileURLToPath(new URL(`./documents/${name}.md`, import.meta.url)), "utf8");
  const body = template.replace(/\{\{(\w+)\}\}/g, (_, fact: string) => {
    const value = facts[fact];
    if (value === undefined)
      throw new Error(`${name}.md needs the fact "${fact}", which this development does not have.`);
    return value;
  });
  const title = /^# (.+)$/m.exec(body)?.[1];
  if (title === undefined) throw new Error(`${name}.md has no "# " heading to take its title from.`);
  return { title, body, fileName: `${name}.md` };
}
