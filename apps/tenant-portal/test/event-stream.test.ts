import { createUIMessageStream, createUIMessageStreamResponse } from "ai";
import { afterEach, expect, test, vi } from "vitest";
import type { Chunk } from "../lib/chat/answer-job.ts";
import { eventStreamResponse, type Write } from "../lib/chat/event-stream.ts";

const CHUNKS: Chunk[] = [
  { type: "start", messageId: "answer", messageMetadata: { assistant: "“local”" } },
  { type: "text-start", id: "0" },
  { type: "text-delta", id: "0", delta: "Tuesdays.\n\nAnd “Fridays” 🌱" },
  { type: "text-end", id: "0" },
  { type: "finish", messageMetadata: { status: "complete" } },
];

afterEach(() => void vi.useRealTimers());

/** The pieces of a response, as a reader gets them. */
async function pieces(response: Response): Promise<string[]> {
  const decoder = new TextDecoder();
  const read: string[] = [];
  for await (const piece of response.body ?? []) read.push(decoder.decode(piece));
  return read;
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (response.body === null) throw new Error("a stream has a body");
  return response.body.getReader();
}

test("the stream is, byte for byte, what the AI SDK's own helpers make of the chunks", async () => {
  const stream = createUIMessageStream({
    execute({ writer }) {
      for (const chunk of CHUNKS) writer.write(chunk);
    },
  });
  const theirs = createUIMessageStreamResponse({ stream, keepAliveMs: 10_000 });
  const ours = eventStreamResponse((write) => CHUNKS.forEach(write));
  expect(Object.fromEntries(ours.headers)).toEqual(Object.fromEntries(theirs.headers));
  expect((await pieces(ours)).join("")).toBe((await pieces(theirs)).join(""));
});

test("the headers go out at once, and what is written in one turn goes out together", async () => {
  let ask: Write = () => {};
  let over = () => {};
  const response = eventStreamResponse(async (write) => {
    ask = write;
    await new Promise<void>((resolve) => {
      over = resolve;
    });
  });
  const reader = readerOf(response);
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe(": stream-open\n\n");
  CHUNKS.slice(0, 3).forEach((chunk) => void ask(chunk));
  expect(await next()).toBe(
    CHUNKS.slice(0, 3)
      .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
      .join(""),
  );
  over();
  expect(await next()).toBe("data: [DONE]\n\n");
  expect((await reader.read()).done).toBe(true);
});

test("a silent stream says so every ten seconds, for as long as it is read", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setImmediate", "clearImmediate"] });
  const response = eventStreamResponse(() => new Promise(() => {}));
  const reader = readerOf(response);
  await reader.read();
  for (let silence = 0; silence < 3; silence++) {
    const next = reader.read();
    vi.advanceTimersByTime(10_001);
    expect(new TextDecoder().decode((await next).value)).toBe(": keep-alive\n\n");
  }
  expect(vi.getTimerCount()).toBe(1);
  await reader.cancel();
  expect(vi.getTimerCount()).toBe(0);
});

test("where nobody reads any more the answer is still made to its end", async () => {
  let made: () => void = () => {};
  const whole = new Promise<void>((resolve) => {
    made = resolve;
  });
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const response = eventStreamResponse(async (write) => {
    await left;
    for (const chunk of CHUNKS) write(chunk);
    made();
  });
  await readerOf(response).cancel();
  leave();
  await whole;
});
