import { listThreads } from "@openhouse/db/queries/chat-threads";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import type { Viewport } from "next";
import type { ReactNode } from "react";
import { ThreadList } from "./thread-list.tsx";
import { ThreadsProvider } from "./threads.tsx";

const MOST_THREADS = 100;

/** The keyboard of a phone makes the page lower instead of lying on top of the field that is typed into. */
export const viewport: Viewport = { interactiveWidget: "resizes-content" };

export default guardPage("/chat", async function ChatLayout({ children }: { children: ReactNode }) {
  const [{ homeowner }, threads] = await requireRoleWith(["homeowner"], (db, { subjectId: homeownerId }) => [
    listThreads(db, { homeownerId, limit: MOST_THREADS }),
  ]);
  return (
    <ThreadsProvider
      homeownerId={homeowner.id}
      threads={threads.map(({ id, title, updatedAt }) => ({
        id,
        title,
        lastMessageAtMs: updatedAt.getTime(),
      }))}
      latestOnly={threads.length === MOST_THREADS}
    >
      <div
        data-fills-screen
        className="grid h-full grid-rows-[minmax(0,1fr)] lg:grid-cols-[17rem_minmax(0,1fr)]"
      >
        <div className="hidden min-h-0 flex-col border-r border-line py-6 pr-5 lg:flex print:hidden">
          <ThreadList />
        </div>
        {children}
      </div>
    </ThreadsProvider>
  );
});
