/** Longest question, in UTF-16 code units, as `String.length` counts. */
export const MESSAGE_MAX_LENGTH = 4_000;

/** Answers that are made for one homeowner at the same time, in a process. */
export const ANSWERS_AT_ONCE = 2;
