/** A conversation in the list. */
export interface ThreadItem {
  id: string;
  title: string;
  /** When the last message was sent in it. */
  lastMessageAtMs: number;
}

/** What has happened to the list since the server was asked for it. */
export interface ThreadEdits {
  readonly started: readonly ThreadItem[];
  readonly titles: ReadonlyMap<string, string>;
  readonly lastMessageAtMs: ReadonlyMap<string, number>;
  readonly deleted: ReadonlySet<string>;
}

export const NO_EDITS: ThreadEdits = {
  started: [],
  titles: new Map(),
  lastMessageAtMs: new Map(),
  deleted: new Set(),
};

/** Something was said in a conversation; one that is not known begins with it. */
export function withMessage(edits: ThreadEdits, item: ThreadItem): ThreadEdits {
  const known = edits.started.some(({ id }) => id === item.id);
  return {
    ...edits,
    started: known ? edits.started : [...edits.started, item],
    lastMessageAtMs: new Map(edits.lastMessageAtMs).set(item.id, item.lastMessageAtMs),
  };
}

export function withTitle(edits: ThreadEdits, id: string, title: string): ThreadEdits {
  return { ...edits, titles: new Map(edits.titles).set(id, title) };
}

export function withoutThread(edits: ThreadEdits, id: string): ThreadEdits {
  return { ...edits, deleted: new Set(edits.deleted).add(id) };
}

/** The list as it is now, the one with the latest message first. Applying edits that the server knows of changes nothing. */
export function currentThreads(fromServer: readonly ThreadItem[], edits: ThreadEdits): ThreadItem[] {
  const known = new Set(fromServer.map(({ id }) => id));
  return [...fromServer, ...edits.started.filter(({ id }) => !known.has(id))]
    .filter(({ id }) => !edits.deleted.has(id))
    .map((item) => ({
      id: item.id,
      title: edits.titles.get(item.id) ?? item.title,
      lastMessageAtMs: Math.max(item.lastMessageAtMs, edits.lastMessageAtMs.get(item.id) ?? 0),
    }))
    .sort((one, other) => other.lastMessageAtMs - one.lastMessageAtMs);
}
