const PREFIX = "openhouse-draft:";
/** Nobody comes back to a question after that. */
const KEPT_FOR_MS = 30 * 24 * 60 * 60 * 1_000;

/** What was typed and not sent, of one homeowner in one conversation. */
export interface DraftPlace {
  homeownerId: string;
  /** Null for a conversation that is only beginning. */
  threadId: string | null;
}

const keyOf = ({ homeownerId, threadId }: DraftPlace) => `${PREFIX}${homeownerId}:${threadId ?? "new"}`;

/** The draft; empty where there is none, or the browser keeps nothing. */
export function readDraft(place: DraftPlace): string {
  return attempt(() => parse(localStorage.getItem(keyOf(place)))) ?? "";
}

/** Keeps a draft in this browser, an empty one not at all. */
export function writeDraft(place: DraftPlace, text: string): void {
  attempt(() => {
    if (text.trim() === "") localStorage.removeItem(keyOf(place));
    else localStorage.setItem(keyOf(place), JSON.stringify({ text, keptAtMs: Date.now() }));
  });
}

/** Forgets all drafts of all who use this browser: somebody signs out, and the next person is another one. */
export function forgetDrafts(): void {
  attempt(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  });
}

function parse(kept: string | null): string {
  const draft: unknown = JSON.parse(kept ?? "null");
  if (typeof draft !== "object" || draft === null || !("text" in draft) || !("keptAtMs" in draft)) return "";
  const { text, keptAtMs } = draft;
  const isFresh = typeof keptAtMs === "number" && Date.now() - keptAtMs < KEPT_FOR_MS;
  return typeof text === "string" && isFresh ? text : "";
}

/** A browser may keep nothing for this page, or no more. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
