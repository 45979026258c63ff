/** A pattern for LIKE that finds `text` anywhere, and nothing that its signs might stand for. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
