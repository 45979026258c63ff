import { withoutUnseen } from "@openhouse/db/names";

const LONGEST_TITLE = 60;

/** A thread's first title: the first words of its first message. */
export function titleOf(text: string): string {
  const line = withoutUnseen(text.replace(/\s+/g, " ")).trim();
  if (line.length <= LONGEST_TITLE) return line;
  const cut = line.slice(0, LONGEST_TITLE);
  const words = cut.slice(0, Math.max(cut.lastIndexOf(" "), 0)) || cut.replace(/[\uD800-\uDBFF]$/, "");
  return `${words}…`;
}
