import { classNames } from "@openhouse/web/ui/class-names";
import { DeleteThread } from "./delete-thread.tsx";
import { RenameThread } from "./rename-thread.tsx";
import { ThreadDrawer } from "./thread-drawer.tsx";

/** @param title null while nothing was said: there is nothing to rename or delete then. */
export function ConversationHeader({ id, title }: { id: string; title: string | null }) {
  return (
    <header
      className={classNames(
        "mx-auto flex min-h-13 w-full max-w-3xl items-center gap-1 border-b border-line py-1 print:border-0",
        title === null && "lg:hidden",
      )}
    >
      <ThreadDrawer named={title === null} />
      {title !== null && (
        <>
          <h1 className="line-clamp-2 min-w-0 flex-1 text-base font-semibold tracking-tight text-pretty wrap-anywhere">
            {title}
          </h1>
          <div className="-mr-2.5 flex print:hidden">
            <RenameThread id={id} title={title} />
            <DeleteThread id={id} title={title} />
          </div>
        </>
      )}
    </header>
  );
}
