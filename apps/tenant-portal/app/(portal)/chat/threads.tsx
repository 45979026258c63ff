"use client";

import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useLiveChatsPlace } from "./live-chats-provider.tsx";
import { currentThreads, type ThreadItem } from "./optimistic-threads.ts";

interface ThreadsOfServer {
  /** Whose they are. */
  homeownerId: string;
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
  const { edits } = useLiveChatsPlace();
  return useMemo(
    () => ({ ...fromServer, threads: currentThreads(fromServer.threads, edits) }),
    [fromServer, edits],
  );
}
