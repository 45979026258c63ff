"use client";

import { Button } from "@openhouse/web/ui/button";
import { Dialog } from "@openhouse/web/ui/dialog";
import { CloseIcon, ListIcon } from "@openhouse/web/ui/icons";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { IconButton } from "./icon-button.tsx";
import { ThreadList } from "./thread-list.tsx";

/**
 * The list of conversations where there is no room for it beside one: behind a button.
 *
 * @param named whether there is room for the button's name.
 */
export function ThreadDrawer({ named }: { named: boolean }) {
  const drawer = useRef<HTMLDialogElement>(null);
  const pathname = usePathname();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address is what closes it
  useEffect(() => drawer.current?.close(), [pathname]);
  return (
    <div className="lg:hidden">
      {named ? (
        <Button look="quiet" onClick={() => drawer.current?.showModal()} className="-ml-2.5 px-2.5">
          <ListIcon />
          Conversations
        </Button>
      ) : (
        <IconButton label="Conversations" onClick={() => drawer.current?.showModal()} className="-ml-2.5">
          <ListIcon />
        </IconButton>
      )}
      <Dialog ref={drawer} title="Conversations" place="side">
        <IconButton
          label="Close"
          onClick={() => drawer.current?.close()}
          className="absolute top-2.5 right-2.5"
        >
          <CloseIcon />
        </IconButton>
        <div className="mt-4 flex min-h-0 flex-1 flex-col">
          <ThreadList />
        </div>
      </Dialog>
    </div>
  );
}
