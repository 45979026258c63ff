import { useEffect, useState } from "react";
import { type Reading, readFigures } from "./read-figures.ts";
import { addSample, type Sample } from "./samples.ts";

/** Pause between an answer and the next question, in milliseconds. */
const PAUSE_MS = 1_000;

export interface Watching {
  samples: readonly Sample[];
  /** Of the last reading: whether the samples go on. */
  outcome: Reading["outcome"];
}

/** Reads the figures every second for as long as the page is looked at, and keeps those of the last minutes. */
export function useSamples(first: Sample): Watching {
  const [watching, setWatching] = useState<Watching>({ samples: [first], outcome: "figures" });
  const { max, min } = first;

  useEffect(() => {
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let reading = false;

    const read = async () => {
      if (reading || document.visibilityState === "hidden") return;
      reading = true;
      clearTimeout(timer);
      const result = await readFigures({ max, min }, left.signal).catch(() => NO_ANSWER);
      reading = false;
      if (left.signal.aborted) return;
      const sample = result.outcome === "figures" ? { ...result.figures, atMs: Date.now() } : null;
      setWatching((before) => ({
        outcome: result.outcome,
        samples: sample === null ? before.samples : addSample(before.samples, sample),
      }));
      if (result.outcome !== "signed-out") timer = setTimeout(read, PAUSE_MS);
    };

    const onVisibility = () => void read();
    document.addEventListener("visibilitychange", onVisibility);
    void read();
    return () => {
      left.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, [max, min]);

  return watching;
}

const NO_ANSWER: Reading = { outcome: "no-answer" };
