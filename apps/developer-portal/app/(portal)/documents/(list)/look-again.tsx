"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useTransition } from "react";

const EVERY_MS = 2_000;
/** Where nothing came of it in a minute, it takes the sweep: nobody sits and waits for that. */
const TIMES = 30;

/** Has the page read again for a while, as long as it is shown. */
export function LookAgain() {
  const router = useRouter();
  const [reading, startReading] = useTransition();
  const underWay = useRef(false);
  useEffect(() => {
    underWay.current = reading;
  }, [reading]);
  useEffect(() => {
    let left = TIMES;
    const timer = setInterval(() => {
      // A portal slower than this would be asked ever more, and an upload would wait behind all of it.
      if (underWay.current || document.visibilityState === "hidden") return;
      if (left-- > 0) startReading(() => router.refresh());
      else clearInterval(timer);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [router]);
  return null;
}
