"use client";

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { forgetDrafts, keepDrafts } from "./drafts.ts";
import {
  NO_EDITS,
  type ThreadEdits,
  type ThreadItem,
  withMessage,
  withoutThread,
  withTitle,
} from "./optimistic-threads.ts";

/** What this needs of the conversations, once a chat page has made them: pages without a chat load none of their code. */
interface KeptChats {
  stopAll(): void;
  forget(id: string): void;
}

export interface ChatsPlace {
  chats: KeptChats | null;
}

interface LiveChatsContext {
  place: ChatsPlace;
  edits: ThreadEdits;
  /** The server has kept a question. */
  asked(item: ThreadItem): void;
  renamed(id: string, title: string): void;
  deleted(id: string): void;
}

const Context = createContext<LiveChatsContext | null>(null);

/** Lies around every page behind the sign-in, and ends with it: whoever signs in next finds nothing of this. */
export function LiveChatsProvider({ children }: { children: ReactNode }) {
  const [edits, setEdits] = useState(NO_EDITS);
  const [place] = useState<ChatsPlace>({ chats: null });
  useEffect(() => () => place.chats?.stopAll(), [place]);
  useEffect(keepDrafts, []);
  useEffect(() => {
    const onSubmit = ({ target }: Event) => {
      // Also over plain http, where browsers do not heed the server's Clear-Site-Data.
      if (target instanceof Element && target.matches("[data-signs-out]")) forgetDrafts();
    };
    document.addEventListener("submit", onSubmit);
    return () => document.removeEventListener("submit", onSubmit);
  }, []);
  const asked = useCallback((item: ThreadItem) => setEdits((now) => withMessage(now, item)), []);
  const renamed = useCallback(
    (id: string, title: string) => setEdits((now) => withTitle(now, id, title)),
    [],
  );
  const deleted = useCallback(
    (id: string) => {
      place.chats?.forget(id);
      setEdits((now) => withoutThread(now, id));
    },
    [place],
  );
  const value = useMemo(
    () => ({ place, edits, asked, renamed, deleted }),
    [place, edits, asked, renamed, deleted],
  );
  return <Context value={value}>{children}</Context>;
}

/** The list's edits, and where conversations are kept. {@link useLiveChats} has the conversations themselves. */
export function useLiveChatsPlace(): LiveChatsContext {
  const value = useContext(Context);
  if (value === null) throw new Error("LiveChatsProvider is missing above this component");
  return value;
}
