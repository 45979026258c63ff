import type { SessionClaims } from "../session-token.ts";
import type { Fleet } from "./fleet.ts";
import { type FiguresMessage, figuresNow } from "./message.ts";
import { isStillOperator } from "./operator.ts";
import type { RangeName } from "./reading.ts";
import type { Recorder } from "./recorder.ts";

/** How often it is looked whether who watches still may, in milliseconds. */
const ADMIT_EVERY_MS = 30_000;
/** Messages that may wait for a browser that does not read; what would come behind them is left out. */
const MAX_BEHIND = 5;

interface StreamOptions {
  readonly fleet: Fleet;
  readonly recorder: Recorder;
  /** Of whoever was let in. */
  readonly claims: SessionClaims;
  readonly origin: string;
  readonly range: RangeName;
}

/** The figures as server-sent events, each second, until whoever watches goes, may no longer, or the process ends. */
export function figuresStream({ fleet, recorder, claims, origin, range }: StreamOptions): Response {
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      let admittedAtMs = Date.now();
      const close = () => {
        stop();
        controller.close();
      };
      const send = (message: FiguresMessage) => {
        if ((controller.desiredSize ?? 0) < -MAX_BEHIND) return;
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(message)}\n\n`));
      };
      let isOver = false;
      let unlisten = () => {};
      stop = () => {
        isOver = true;
        unlisten();
      };
      const [history] = await Promise.all([fleet.history(origin, range), fleet.refresh()]);
      if (isOver) return;
      send({ ...figuresNow(fleet), history });
      unlisten = recorder.listen((reading) => {
        void fleet.refresh();
        send(figuresNow(fleet));
        if (reading.status === "draining") return close();
        if (reading.atMs - admittedAtMs < ADMIT_EVERY_MS) return;
        admittedAtMs = reading.atMs;
        isStillOperator(claims)
          .catch(() => false)
          .then((is) => {
            if (!is && !isOver) close();
          });
      });
    },
    cancel: () => stop(),
  });
  return new Response(body, {
    // Compressing would keep messages back until there are enough of them.
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform" },
  });
}
