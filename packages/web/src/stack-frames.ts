import { findSourceMap } from "node:module";

/** `at name (file:line:column)`, or without the name and its brackets. */
const FRAME = /^at (?:(?<name>.+) \()?(?:file:\/\/)?(?<file>[^()]+):(?<line>\d+):(?<column>\d+)\)?$/;

/** Where an error was thrown: the lines of its stack, in the sources where the process has their maps. Without its message. */
export function stackFrames(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => inSources(line.trim()));
}

/** Frames of bundles say nothing to anybody: a line of a megabyte, and names of one letter. */
function inSources(frame: string): string {
  const { name, file, line, column } = FRAME.exec(frame)?.groups ?? {};
  if (file === undefined) return frame;
  const entry = findSourceMap(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry === undefined || !("originalSource" in entry) || !entry.originalSource) return frame;
  const source = entry.originalSource.replace(/^file:\/\//, "");
  const place = `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  return name === undefined ? `at ${place}` : `at ${name} (${place})`;
}
