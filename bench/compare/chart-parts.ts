export const WIDTH = 900;
/** Where the names end and the figures begin. */
export const LEFT = 280;

const COLOURS: readonly [pattern: RegExp, colour: string][] = [
  [/^ours/, "#15803d"],
  [/^limit/, "#cbd5e1"],
  [/^drizzle\(postgres\.js\)/, "#a16207"],
  [/^(drizzle\(pg\.Pool\)|pg\.Pool)/, "#1d4ed8"],
  [/^drizzle/, "#60a5fa"],
  [/^Kysely/, "#7e22ce"],
  [/^Prisma/, "#be185d"],
];

/** The same for a client in every chart. */
export function colourOf(title: string): string {
  return COLOURS.find(([pattern]) => pattern.test(title))?.[1] ?? "#64748b";
}

export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

export function frame(title: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img">
<title>${escapeText(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="16" y="24" font-size="16">${escapeText(title)}</text>
${parts.join("\n")}
</svg>
`;
}
