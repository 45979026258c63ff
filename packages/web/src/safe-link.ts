/** Where a link in a text that nobody has checked leads: into this portal, or to another site. */
export type SafeLink = { kind: "inside"; path: string } | { kind: "outside"; url: string; host: string };

/** Only its path and what follows it are used: it stands for whatever address the portal has. */
const PORTAL = "https://portal.invalid";

/**
 * Reads the address as a browser would, so that no spelling of one (tabs in it, backslashes, missing slashes) is
 * taken for something that the browser takes for something else.
 *
 * @returns null for an address that is neither of this portal nor http(s), and for one with a user name in front of
 * its host, which serves to make it look like another.
 */
export function safeLink(address: string): SafeLink | null {
  if (address === "" || !URL.canParse(address, PORTAL)) return null;
  const url = new URL(address, PORTAL);
  // "/.//evil.example" is of this portal, and its path alone, "//evil.example", would be another host.
  if (url.origin === PORTAL && url.pathname.startsWith("//")) return null;
  if (url.origin === PORTAL) return { kind: "inside", path: `${url.pathname}${url.search}${url.hash}` };
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.username !== "" || url.password !== "") return null;
  return { kind: "outside", url: url.href, host: url.host };
}
