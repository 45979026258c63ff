/** Longest question, in UTF-16 code units, as `String.length` counts. */
export const MESSAGE_MAX_LENGTH = 4_000;
