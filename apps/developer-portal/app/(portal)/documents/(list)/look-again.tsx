"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

const EVERY_MS = 2_000;
/** Where nothing came of it in a minute, it takes the sweep: nobody sits and waits for that. */
const TIMES = 30;

/** Has the page read again for a while, as long as it is shown. */
export function LookAgain() {
  const router = useRouter();
  useEffect(() => {
    let left = TIMES;
    const timer = setInterval(() => {
      if (left-- > 0) router.refresh();
      else clearInterval(timer);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [router]);
  return null;
}
