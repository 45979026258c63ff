/** The id of the conversation that an address shows; null for that of a new one. */
export function threadIdIn(pathname: string): string | null {
  return /^\/chat\/([^/]+)$/.exec(pathname)?.[1] ?? null;
}

/** A random UUID. Not `crypto.randomUUID`, which browsers have on https pages only, and a portal in development is on http. */
export function newThreadId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    if (index === 6) return 0x40 | (byte & 0x0f); // version 4
    if (index === 8) return 0x80 | (byte & 0x3f); // variant 1
    return byte;
  })
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
