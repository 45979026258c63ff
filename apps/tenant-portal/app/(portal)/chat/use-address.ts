import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { pressedLink } from "./pressed-link.ts";

/**
 * Gives a conversation that began at `/chat` its address as soon as the server has kept its first question.
 *
 * The router is told, unless it is on its way to another page: it would take the new address for the latest wish and stay here. It
 * then finds the address when somebody comes back.
 */
export function useAddress(id: string, kept: boolean): void {
  const pathname = usePathname();
  const leaving = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever was on the way has arrived
  useEffect(() => {
    leaving.current = false;
  }, [pathname]);
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const link = pressedLink(event);
      if (link !== null && link.pathname !== window.location.pathname) leaving.current = true;
    };
    document.addEventListener("click", onClick);
    return () => document.removeEventListener("click", onClick);
  }, []);

  useEffect(() => {
    const { history, location } = window;
    if (!kept || location.pathname !== "/chat") return;
    const address = `/chat/${id}`;
    // The router has put a function of its own in the place of the browser's.
    if (leaving.current) History.prototype.replaceState.call(history, history.state, "", address);
    else history.replaceState(null, "", address);
  }, [kept, id]);
}
