/** Longer ago, and the next page is another visit. */
const BETWEEN_VISITS_MS = 30 * 60_000;

/** What a browser's cookie has of a homeowner's visits. */
export interface Visits {
  /** When the visit before this one ended; when the first began, where there was none before. */
  previousMs: number;
  /** When this visit was last noticed. */
  lastMs: number;
}

/** Visits as of now, of what the cookie says. Another homeowner's, or what is no cookie of ours, is nobody's visit. */
export function visitsAt(nowMs: number, homeownerId: string, cookie: string | undefined): Visits {
  const known = parse(homeownerId, cookie);
  if (known === null || known.lastMs > nowMs) return { previousMs: nowMs, lastMs: nowMs };
  const isSameVisit = nowMs - known.lastMs < BETWEEN_VISITS_MS;
  return { previousMs: isSameVisit ? known.previousMs : known.lastMs, lastMs: nowMs };
}

/** The cookie's value: nothing secret, and believed for nothing but what is called new. */
export const visitsCookie = (homeownerId: string, { previousMs, lastMs }: Visits): string =>
  `${homeownerId}.${previousMs}.${lastMs}`;

function parse(homeownerId: string, cookie: string | undefined): Visits | null {
  const [whose, previous = "", last = ""] = cookie?.split(".") ?? [];
  if (whose !== homeownerId || !/^\d{1,15}$/.test(previous) || !/^\d{1,15}$/.test(last)) return null;
  return { previousMs: Number(previous), lastMs: Number(last) };
}
