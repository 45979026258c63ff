import { DeleteThread } from "./delete-thread.tsx";
import { RenameThread } from "./rename-thread.tsx";
import { ThreadDrawer } from "./thread-drawer.tsx";

/** @param title null while nothing was said: there is nothing to rename or delete then. */
export function ConversationHeader({ id, title }: { id: string; title: string | null }) {
  return (
    <header className="flex min-h-13 items-center gap-1 border-b border-line py-1 print:border-0">
      <ThreadDrawer />
      {title !== null && (
        <>
          <h1 className="line-clamp-2 min-w-0 flex-1 text-base font-semibold tracking-tight wrap-anywhere">
            {title}
          </h1>
          <div className="flex print:hidden">
            <RenameThread id={id} title={title} />
            <DeleteThread id={id} title={title} />
          </div>
        </>
      )}
    </header>
  );
}
