import { useEffect, useRef, useState } from "react";
import { ChatRefusedError } from "./chat-refused.ts";
import { explain } from "./explain.ts";

/** How often a question is sent again by itself; then somebody has to press a button. */
const MOST_TRIES = 6;

/**
 * Sends a question again by itself where the server said when, a little later for some than for others, so that they do not all come
 * back at once.
 *
 * @param again sends the last question again, as the same one.
 * @returns the whole seconds until then; null where nothing is sent by itself.
 */
export function useRetry(error: Error | undefined, answered: boolean, again: () => void): number | null {
  const tries = useRef(0);
  const sendAgain = useRef(again);
  const [secondsLeft, setSecondsLeft] = useState<number | null>(null);

  useEffect(() => {
    sendAgain.current = again;
  });
  useEffect(() => {
    if (answered) tries.current = 0;
  }, [answered]);
  useEffect(() => {
    const waitMs = waitOf(error);
    if (waitMs === null || tries.current >= MOST_TRIES) return setSecondsLeft(null);
    const dueAtMs = performance.now() + waitMs * (1 + Math.random() * 0.25);
    const tell = () => {
      const leftMs = dueAtMs - performance.now();
      setSecondsLeft(Math.max(0, Math.ceil(leftMs / 1_000)));
      if (leftMs > 0) return;
      clearInterval(timer);
      tries.current += 1;
      sendAgain.current();
    };
    const timer = setInterval(tell, 250);
    tell();
    return () => clearInterval(timer);
  }, [error]);

  return error === undefined ? null : secondsLeft;
}

function waitOf(error: Error | undefined): number | null {
  if (!(error instanceof ChatRefusedError) || explain(error).remedy !== "wait") return null;
  return error.retryAfterMs ?? null;
}
