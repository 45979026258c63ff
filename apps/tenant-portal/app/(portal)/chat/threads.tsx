"use client";

import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useLiveChats } from "./live-chats.tsx";
import { currentThreads, type ThreadItem } from "./optimistic-threads.ts";

interface ThreadsOfServer {
  threads: readonly ThreadItem[];
  /** Whether there are older ones that the list leaves out. */
  latestOnly: boolean;
}

const Context = createContext<ThreadsOfServer | null>(null);

/** Hands the list down to the column beside a conversation and to the drawer in its header. */
export function ThreadsProvider({ children, ...fromServer }: ThreadsOfServer & { children: ReactNode }) {
  return <Context value={fromServer}>{children}</Context>;
}

/** The list as it is now, with what has happened on this page since it was loaded. */
export function useThreads(): ThreadsOfServer {
  const fromServer = useContext(Context);
  if (fromServer === null) throw new Error("ThreadsProvider is missing above this component");
  const { edits } = useLiveChats();
  const { threads, latestOnly } = fromServer;
  return useMemo(
    () => ({ threads: currentThreads(threads, edits), latestOnly }),
    [threads, latestOnly, edits],
  );
}
