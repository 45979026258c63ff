/** Longest question, in UTF-16 code units, as `String.length` counts. */
export const MESSAGE_MAX_LENGTH = 4_000;

/** How often a question may be changed on its way, before the server has kept any of its versions. */
export const MOST_REPLACED = 10;

/** Answers that are made for one homeowner at the same time, in a process. */
export const ANSWERS_AT_ONCE = 2;
