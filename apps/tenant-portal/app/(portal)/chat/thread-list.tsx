"use client";

import { classNames } from "@openhouse/web/ui/class-names";
import { PlusIcon } from "@openhouse/web/ui/icons";
import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import { LocalTime } from "./local-time.tsx";
import { useThreads } from "./threads.tsx";

/**
 * The homeowner's conversations, and the way to a new one.
 *
 * @param onChoose called as one of them, or a new one, is gone to.
 */
export function ThreadList({ onChoose }: { onChoose?: () => void }) {
  const { threads, latestOnly } = useThreads();
  const pathname = usePathname();
  return (
    <nav aria-label="Conversations" className="flex min-h-0 flex-1 flex-col gap-3">
      <Link
        href="/chat"
        prefetch={false}
        onNavigate={() => onChoose?.()}
        aria-current={pathname === "/chat" ? "page" : undefined}
        className="inline-flex min-h-11 items-center gap-2 rounded-lg border border-edge bg-surface px-3 text-sm font-semibold hover:bg-sunken sm:min-h-10"
      >
        <PlusIcon className="size-4" />
        New conversation
      </Link>
      {threads.length === 0 ? (
        <p className="px-3 text-sm text-muted">Your conversations will be listed here.</p>
      ) : (
        <ul className="relative -mx-1 min-h-0 flex-1 space-y-0.5 overflow-y-auto px-1 pb-2">
          {threads.map(({ id, title, lastMessageAtMs }) => (
            <li key={id}>
              <ThreadLink
                href={`/chat/${id}`}
                title={title}
                lastMessageAtMs={lastMessageAtMs}
                current={pathname === `/chat/${id}`}
                onChoose={onChoose}
              />
            </li>
          ))}
          {latestOnly && (
            <li className="px-3 py-2 text-xs text-muted">Only the latest conversations are listed.</li>
          )}
        </ul>
      )}
    </nav>
  );
}

interface ThreadLinkProps {
  href: string;
  title: string;
  lastMessageAtMs: number;
  current: boolean;
  onChoose: (() => void) | undefined;
}

function ThreadLink({ href, title, lastMessageAtMs, current, onChoose }: ThreadLinkProps) {
  return (
    <Link
      href={href}
      prefetch={false}
      onNavigate={() => onChoose?.()}
      aria-current={current ? "page" : undefined}
      className={classNames(
        "block rounded-lg px-3 py-2 text-sm",
        current ? "bg-accent-soft text-accent-strong" : "hover:bg-sunken",
      )}
    >
      <Title>{title}</Title>
      <span className={classNames("block text-xs", current ? "text-accent-strong" : "text-muted")}>
        <LocalTime at={new Date(lastMessageAtMs).toISOString()} dayOnly />
      </span>
    </Link>
  );
}

function Title({ children }: { children: string }) {
  const { pending } = useLinkStatus();
  return (
    <span className={classNames("line-clamp-2 font-medium wrap-anywhere", pending && "animate-pulse")}>
      {children}
    </span>
  );
}
