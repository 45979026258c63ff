import { metricsToken } from "../metrics.ts";
import { setting } from "../settings.ts";

/** The other processes, by `DATABASE_PAGE_PEERS`: their origins, of each instance and not of what balances between them. */
export function peerOrigins(text = setting("DATABASE_PAGE_PEERS") ?? ""): readonly string[] {
  return listed(text).map((peer) => new URL(peer).origin);
}

/** What is wrong with `DATABASE_PAGE_PEERS`; empty where nothing is. */
export function peerFaults(text = setting("DATABASE_PAGE_PEERS") ?? ""): readonly string[] {
  return listed(text)
    .filter((peer) => !/^https?:\/\/[^/@\s]+\/?$/.test(peer) || !URL.canParse(peer))
    .map(
      () =>
        "DATABASE_PAGE_PEERS must be origins with commas between them, such as http://portal-a:3000,http://portal-b:3001",
    )
    .slice(0, 1);
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((peer) => peer.trim())
    .filter((peer) => peer !== "");
}

/** How peers are asked. */
export function peerHeaders(): Readonly<Record<string, string>> {
  const token = metricsToken();
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}
