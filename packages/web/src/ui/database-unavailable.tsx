"use client";

import { useEffect, useRef } from "react";
import { Button } from "./button.tsx";
import { Mark } from "./wordmark.tsx";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
const PROBE_TIMEOUT_MS = 4_000;
/** Reloads closer together than this belong to one outage. */
const SAME_OUTAGE_MS = 60_000;
const NOTE = "openhouse:reloads-in-outage";

/** Wait before look number `looks`: 2 s, then half as much again each time; jittered, so that readers do not come back in step. */
function waitMs(looks: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 1.5 ** looks, LONGEST_WAIT_MS);
  return wait * (0.9 + Math.random() * 0.2);
}

// The health route can answer 200 while this page still cannot be served, for instance from a saturated pool. Counting
// the reloads across themselves keeps that from becoming a reload every two seconds.
function reloadsSoFar(): number {
  try {
    const note = JSON.parse(sessionStorage.getItem(NOTE) ?? "null");
    return typeof note?.count === "number" && Date.now() - note.atMs < SAME_OUTAGE_MS ? note.count : 0;
  } catch {
    return 0; // storage is switched off: every reload is the first
  }
}

function reload(reloads: number): void {
  try {
    sessionStorage.setItem(NOTE, JSON.stringify({ count: reloads + 1, atMs: Date.now() }));
  } catch {
    // storage is switched off; the reload does not depend on it
  }
  window.location.reload();
}

/**
 * What a page shows while the database cannot be reached. Asks `/api/health/db` after 2 s, then ever more slowly up
 * to 15 s, and loads the page again once it answers 200. Without scripts the browser reloads every 10 s.
 */
export function DatabaseUnavailable() {
  const lookNow = useRef<() => void>(() => window.location.reload());

  useEffect(() => {
    const left = new AbortController();
    const reloads = reloadsSoFar();
    let looks = reloads;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let looking = false;

    const look = async () => {
      if (looking) return;
      looking = true;
      clearTimeout(timer);
      const signal = AbortSignal.any([left.signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
      const answer = await fetch("/api/health/db", { cache: "no-store", signal }).catch(() => null);
      looking = false;
      if (left.signal.aborted) return;
      if (answer?.status === 200) return reload(reloads);
      looks += 1;
      timer = setTimeout(look, waitMs(looks));
    };

    // A tab that was in the background, or a laptop that slept, should not sit out the rest of its wait.
    const onReturn = () => {
      if (document.visibilityState === "visible") void look();
    };

    lookNow.current = () => void look();
    timer = setTimeout(look, waitMs(looks));
    document.addEventListener("visibilitychange", onReturn);
    window.addEventListener("online", onReturn);
    return () => {
      left.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onReturn);
      window.removeEventListener("online", onReturn);
    };
  }, []);

  return (
    <section
      aria-labelledby="database-unavailable"
      className="mx-auto flex max-w-lg flex-col gap-4 px-5 py-16 in-[main]:mx-0 in-[main]:px-0 in-[main]:py-0"
      data-testid="database-unavailable"
    >
      <noscript>
        <meta httpEquiv="refresh" content="10" />
      </noscript>
      <Mark className="size-9 in-[main]:hidden" />
      <h1 id="database-unavailable" className="text-2xl font-semibold tracking-tight">
        We’ll be right back
      </h1>
      <p className="text-muted">
        The database cannot be reached right now. This page comes back by itself as soon as it can; there is
        nothing you need to do.
      </p>
      <p role="status" className="flex items-center gap-2.5 text-sm font-medium text-muted">
        <span aria-hidden="true" className="size-2.5 animate-pulse rounded-full bg-caution" />
        Trying again
      </p>
      <div>
        <Button look="secondary" onClick={() => lookNow.current()}>
          Try now
        </Button>
      </div>
    </section>
  );
}
