/** A heading, for a list of contents. */
export interface OutlineEntry {
  text: string;
  /** Of the heading, from 2. */
  level: number;
  /** From 1. */
  page: number;
  /** Of the heading on its page. */
  id: string;
}
