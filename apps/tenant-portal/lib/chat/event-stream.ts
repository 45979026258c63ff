import { UI_MESSAGE_STREAM_HEADERS } from "ai";
import type { Chunk } from "./answer-job.ts";

/** Hands a chunk on. Never throws, also where nobody reads any more. */
export type Write = (chunk: Chunk) => void;

/** Proxies cut a stream that is silent for long, and only writing shows that a reader has gone. In milliseconds. */
const KEEP_ALIVE_MS = 10_000;

/**
 * A response that streams UI message chunks as server-sent events, in the AI SDK's protocol. One stream from the chunk to
 * the socket; what is written in one turn goes out together.
 *
 * @param make writes the chunks; the stream ends when it does. It must not throw.
 */
export function eventStreamResponse(make: (write: Write) => void | Promise<void>): Response {
  const encoder = new TextEncoder();
  let waiting = ": stream-open\n\n";
  let isOpen = true;
  let keepAlive: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const flush = () => {
        turn = undefined;
        if (!isOpen || waiting === "") return;
        controller.enqueue(encoder.encode(waiting));
        waiting = "";
        keepAlive?.refresh();
      };
      const write = (text: string) => {
        if (!isOpen) return;
        waiting += text;
        turn ??= setImmediate(flush);
      };
      flush();
      keepAlive = setInterval(() => write(": keep-alive\n\n"), KEEP_ALIVE_MS);
      const end = () => {
        write("data: [DONE]\n\n");
        flush();
        stop();
        if (isOpen) controller.close();
        isOpen = false;
      };
      void Promise.resolve(make((chunk) => write(`data: ${JSON.stringify(chunk)}\n\n`))).finally(end);
    },
    cancel() {
      isOpen = false;
      stop();
    },
  });

  function stop(): void {
    clearInterval(keepAlive);
    clearImmediate(turn);
  }

  return new Response(body, { headers: UI_MESSAGE_STREAM_HEADERS });
}
