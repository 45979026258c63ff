const PREFIX = "openhouse-draft:";
/** Comes and goes at once: it tells this browser's other tabs that somebody signs out. */
const SIGNED_OUT = "openhouse-signed-out";
/** Nobody comes back to a question after that. */
const KEPT_FOR_MS = 30 * 24 * 60 * 60 * 1_000;

/** What was typed and not sent, of one homeowner in one conversation. */
export interface DraftPlace {
  homeownerId: string;
  /** Null for a conversation that is only beginning. */
  threadId: string | null;
}

/** Not after somebody has signed out, here or in another tab: what is still in a field then is theirs, and no draft. */
let isKeeping = true;

const keyOf = ({ homeownerId, threadId }: DraftPlace) => `${PREFIX}${homeownerId}:${threadId ?? "new"}`;

/** The draft; empty where there is none, or the browser keeps nothing. */
export function readDraft(place: DraftPlace): string {
  return attempt(() => parse(localStorage.getItem(keyOf(place)))) ?? "";
}

/** Keeps a draft in this browser, an empty one not at all. After {@link forgetDrafts} it does nothing. */
export function writeDraft(place: DraftPlace, text: string): void {
  attempt(() => {
    if (!isKeeping) return;
    if (text.trim() === "") localStorage.removeItem(keyOf(place));
    else localStorage.setItem(keyOf(place), JSON.stringify({ text, keptAtMs: Date.now() }));
  });
}

/** Has the draft of a conversation that was only beginning in its place, once the server has kept the first question. */
export function moveDraft({ homeownerId, threadId }: { homeownerId: string; threadId: string }): void {
  const beginning = { homeownerId, threadId: null };
  const text = readDraft(beginning);
  if (text !== "") writeDraft({ homeownerId, threadId }, text);
  writeDraft(beginning, "");
}

/**
 * Begins to keep the drafts of somebody who is signed in, and deletes those that are too old to be shown.
 *
 * @returns ends listening to the other tabs.
 */
export function keepDrafts(): () => void {
  isKeeping = true;
  attempt(() => {
    for (const key of draftKeys()) {
      const kept = attempt(() => parse(localStorage.getItem(key))) ?? "";
      if (kept === "") localStorage.removeItem(key);
    }
  });
  const onStorage = ({ key, newValue }: StorageEvent) => {
    // Without a key, all that the browser kept was deleted.
    if (key === null || (key === SIGNED_OUT && newValue !== null)) isKeeping = false;
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}

/**
 * Forgets all drafts of all who use this browser: somebody signs out, and the next person is another one. No tab writes any from
 * then on, until {@link keepDrafts}.
 */
export function forgetDrafts(): void {
  isKeeping = false;
  attempt(() => {
    // First, so that no other tab writes one behind the deletion.
    localStorage.setItem(SIGNED_OUT, "1");
    localStorage.removeItem(SIGNED_OUT);
  });
  attempt(() => {
    for (const key of draftKeys()) localStorage.removeItem(key);
  });
}

const draftKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

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
