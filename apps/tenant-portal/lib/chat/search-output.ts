import { z } from "zod";
import type { Passage } from "./chat-message.ts";

const OUTPUT = z.object({
  passages: z.array(
    z.object({
      documentId: z.string(),
      title: z.string(),
      heading: z.string().nullable(),
      position: z.number(),
      excerpt: z.string(),
    }),
  ),
});
const INPUT = z.object({ query: z.string() });

/** The passages in what `searchDocuments` answered; none in anything else. */
export function passagesOf(output: unknown): Passage[] {
  const read = OUTPUT.safeParse(output);
  return read.success ? read.data.passages : [];
}

/** What `searchDocuments` was asked for; empty in anything else. */
export function queryOf(input: unknown): string {
  const read = INPUT.safeParse(input);
  return read.success ? read.data.query : "";
}
