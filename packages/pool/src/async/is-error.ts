import { isNativeError } from "node:util/types";

/**
 * Whether somebody has thrown an error, of this realm or of another: test runners that give each file a vm's context (Jest,
 * Vitest's vmThreads) have an `Error` of their own in each, and what Node throws is none of theirs.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value) || isDomException(value);
}

function isDomException(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object DOMException]";
}
