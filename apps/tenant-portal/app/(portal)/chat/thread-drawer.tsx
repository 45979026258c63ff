"use client";

import { Button } from "@openhouse/web/ui/button";
import { Dialog } from "@openhouse/web/ui/dialog";
import { closes, opens } from "@openhouse/web/ui/dialog-commands";
import { CloseIcon, ListIcon } from "@openhouse/web/ui/icons";
import { useId, useRef } from "react";
import { IconButton } from "./icon-button.tsx";
import { ThreadList } from "./thread-list.tsx";

/**
 * The list of conversations where there is no room for it beside one: behind a button. It closes as one of them is chosen, and not
 * with each new address: the conversation behind it may be given its own while somebody looks for another.
 *
 * @param named whether there is room for the button's name.
 */
export function ThreadDrawer({ named }: { named: boolean }) {
  const drawer = useRef<HTMLDialogElement>(null);
  const drawerId = useId();
  const open = () => drawer.current?.showModal();
  const close = () => drawer.current?.close();
  return (
    <div className="lg:hidden">
      {named ? (
        <Button look="quiet" {...opens(drawerId)} onClick={open} className="-ml-2.5 px-2.5">
          <ListIcon />
          Conversations
        </Button>
      ) : (
        <IconButton label="Conversations" {...opens(drawerId)} onClick={open} className="-ml-2.5">
          <ListIcon />
        </IconButton>
      )}
      <Dialog id={drawerId} ref={drawer} title="Conversations" place="side">
        <IconButton
          label="Close"
          {...closes(drawerId)}
          onClick={close}
          className="absolute top-2.5 right-2.5"
        >
          <CloseIcon />
        </IconButton>
        <div className="mt-4 flex min-h-0 flex-1 flex-col">
          <ThreadList onChoose={close} />
        </div>
      </Dialog>
    </div>
  );
}
