import type { ProcessRow } from "@openhouse/web/figures/fleet";
import type { FiguresMessage } from "@openhouse/web/figures/message";
import { addReading, RANGES, type Reading } from "@openhouse/web/figures/reading";
import { useEffect, useState } from "react";
import type { View } from "./view.ts";

const AGAIN_AFTER_MS = 2_000;

export interface Figures {
  readonly rows: readonly ProcessRow[];
  /** Of the process that is looked at. */
  readonly readings: readonly Reading[];
  readonly activity: FiguresMessage["activity"];
  /** `silent`: the portal does not answer. `signed-out`: it lets the viewer in no longer. */
  readonly outcome: "live" | "silent" | "signed-out";
}

/** The figures as the portal sends them, for as long as the page is looked at. */
export function useFigures({ origin, range }: View, first: Required<FiguresMessage>): Figures {
  const [figures, setFigures] = useState<Figures>({
    rows: first.rows,
    readings: first.history,
    activity: first.activity,
    outcome: "live",
  });

  useEffect(() => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLeft = false;
    const asked = new URLSearchParams({ process: origin, range });

    const close = () => {
      clearTimeout(timer);
      source?.close();
      source = undefined;
    };
    const open = () => {
      close();
      if (isLeft || document.visibilityState === "hidden") return;
      source = new EventSource(`/api/database/stream?${asked}`);
      source.onmessage = ({ data }) =>
        setFigures((before) => after(before, JSON.parse(data), { origin, range }));
      source.onerror = () => void onLost();
    };
    const onLost = async () => {
      close();
      const answer = await fetch("/api/database", { cache: "no-store" }).catch(() => null);
      if (isLeft) return;
      const isOut = answer?.status === 401 || answer?.status === 403;
      setFigures((before) => ({
        ...before,
        outcome: isOut ? "signed-out" : answer?.ok ? before.outcome : "silent",
      }));
      if (!isOut) timer = setTimeout(open, AGAIN_AFTER_MS);
    };

    document.addEventListener("visibilitychange", open);
    open();
    return () => {
      isLeft = true;
      close();
      document.removeEventListener("visibilitychange", open);
    };
  }, [origin, range]);

  return figures;
}

function after(
  before: Figures,
  { rows, history, activity }: FiguresMessage,
  { origin, range }: Pick<View, "origin" | "range">,
): Figures {
  const readings = [...(history ?? before.readings)];
  const row = rows.find((each) => each.origin === origin);
  if (row?.isReachable && row.figures !== null) addReading(readings, row.figures.now, RANGES[range]);
  return { rows, readings, activity, outcome: "live" };
}
