import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Room left above a question that is led to the top. */
const MARGIN_PX = 12;
/** Fractions of a pixel, and a thumb that is not quite still. */
const SLACK_PX = 24;

export interface Following {
  /** Whether there is something below what is seen. */
  more: boolean;
  /** Scrolls to the end. */
  showLatest: () => void;
}

/**
 * Scrolls a conversation as its newest turn grows: down until the question stands at the top, and no further, so that the answer can be
 * read from its beginning while the rest is still arriving. A reader who scrolls is left alone until the next question.
 *
 * @param view scrolls; `content` is in it and grows, with the questions marked by `data-question`.
 * @param question id of the newest question; a new one is led to.
 * @param oldest id of the first message; where earlier ones are put in front of it, it stays where it is seen.
 */
export function useFollow(
  view: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  question: string | undefined,
  oldest: string | undefined,
): Following {
  const following = useRef(true);
  const ledToPx = useRef(0);
  const questionBefore = useRef(question);
  const [more, setMore] = useState(false);

  const look = useCallback(() => {
    const { current: box } = view;
    if (box !== null) setMore(box.scrollHeight - box.clientHeight - box.scrollTop > SLACK_PX);
  }, [view]);

  const lead = useCallback(
    (to: "question" | "end") => {
      const { current: box } = view;
      if (box === null) return;
      const endPx = box.scrollHeight - box.clientHeight;
      const topPx = to === "end" ? endPx : questionTop(box, content.current);
      ledToPx.current = Math.max(0, Math.min(endPx, topPx));
      box.scrollTop = ledToPx.current;
      look();
    },
    [view, content, look],
  );

  // Before the first paint: a conversation that is opened shows its last turn.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question is what it waits for
  useLayoutEffect(() => {
    following.current = true;
    lead("question");
  }, [question, lead]);

  const heightPx = useRef(0);
  const shownFrom = useRef(oldest);
  useLayoutEffect(() => {
    const { current: box } = view;
    if (box === null) return;
    if (shownFrom.current !== oldest && questionBefore.current === question)
      box.scrollTop += box.scrollHeight - heightPx.current;
    shownFrom.current = oldest;
    questionBefore.current = question;
    heightPx.current = box.scrollHeight;
  });

  useEffect(() => {
    const { current: box } = view;
    const { current: inner } = content;
    if (box === null || inner === null) return;
    const onScroll = () => {
      if (Math.abs(box.scrollTop - ledToPx.current) > SLACK_PX) following.current = false;
      look();
    };
    let grown = false;
    const onResize = new ResizeObserver(() => {
      // The first call only says what the sizes are.
      if (grown && following.current) lead("question");
      grown = true;
      heightPx.current = box.scrollHeight;
      look();
    });
    box.addEventListener("scroll", onScroll, { passive: true });
    onResize.observe(inner);
    onResize.observe(box);
    return () => {
      box.removeEventListener("scroll", onScroll);
      onResize.disconnect();
    };
  }, [view, content, lead, look]);

  const showLatest = useCallback(() => {
    following.current = false;
    lead("end");
  }, [lead]);

  return { more, showLatest };
}

function questionTop(box: HTMLElement, content: HTMLElement | null): number {
  const questions = content?.querySelectorAll("[data-question]");
  const last = questions?.item(questions.length - 1);
  if (last === undefined || last === null) return Number.POSITIVE_INFINITY;
  return box.scrollTop + last.getBoundingClientRect().top - box.getBoundingClientRect().top - MARGIN_PX;
}
