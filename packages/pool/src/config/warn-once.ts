const told = new Set<string>();

/** Warns of settings that code has given, where there may be no logger yet: once, however many pools are made with them. */
export function warnOnce(text: string): void {
  if (told.has(text)) return;
  told.add(text);
  process.emitWarning(text, { type: "PoolWarning" });
}
