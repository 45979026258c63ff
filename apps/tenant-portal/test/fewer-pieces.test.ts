import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { fewerPieces, PIECE_MS } from "../lib/chat/fewer-pieces.ts";

type Part = LanguageModelV4StreamPart;
const text = (delta: string, id = "0"): Part => ({ type: "text-delta", id, delta });
const END: Part = { type: "text-end", id: "0" };

/** A model's stream, written by a test, and what comes out of it. */
async function wrapped() {
  let source: ReadableStreamDefaultController<Part> | undefined;
  let cancelledFor: unknown;
  const stream = new ReadableStream<Part>({
    start(controller) {
      source = controller;
    },
    cancel(reason) {
      cancelledFor = reason;
    },
  });
  const { wrapStream } = fewerPieces;
  if (wrapStream === undefined || source === undefined) throw new Error("it wraps streams");
  const result = await wrapStream({ doStream: async () => ({ stream }) } as never);
  return { source, reader: result.stream.getReader(), cancelledFor: () => cancelledFor };
}

async function rest(reader: ReadableStreamDefaultReader<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
  return parts;
}

test("what a model says at once is the first piece, and one more", async () => {
  const { source, reader } = await wrapped();
  source.enqueue({ type: "text-start", id: "0" });
  const words = Array.from({ length: 200 }, (_, index) => `word${index} `);
  for (const word of words) source.enqueue(text(word));
  source.enqueue(END);
  source.close();
  const parts = await rest(reader);
  expect(parts.at(-1)).toEqual(END);
  const said = parts.flatMap((part) => (part.type === "text-delta" ? part.delta : []));
  expect(said.join("")).toBe(words.join(""));
  expect(said[0]).toBe("word0 ");
  expect(said.length).toBeLessThanOrEqual(3);
});

test("words are handed on although nothing comes behind them", async () => {
  const { source, reader } = await wrapped();
  source.enqueue(text("Bins: "));
  expect((await reader.read()).value).toEqual(text("Bins: "));
  const startedAtMs = performance.now();
  source.enqueue(text("on "));
  source.enqueue(text("Tuesdays"));
  expect((await reader.read()).value).toEqual(text("on Tuesdays"));
  expect(performance.now() - startedAtMs).toBeGreaterThan(PIECE_MS / 2);
  source.close();
  expect(await rest(reader)).toEqual([]);
});

test("nothing changes places, and two texts stay two", async () => {
  const { source, reader } = await wrapped();
  const call: Part = { type: "tool-call", toolCallId: "1", toolName: "search", input: "{}" };
  const parts = [text("a"), text("b"), call, text("c"), text("d", "1"), text("e", "1"), END];
  for (const part of parts) source.enqueue(part);
  source.close();
  const seen = await rest(reader);
  const flat = seen.map((part) => (part.type === "text-delta" ? `${part.id}:${part.delta}` : part.type));
  expect(flat).toEqual(["0:a", "0:b", "tool-call", "0:c", "1:de", "text-end"]);
});

test("a failure comes through, behind what was said", async () => {
  const { source, reader } = await wrapped();
  source.enqueue(text("a"));
  expect((await reader.read()).value).toEqual(text("a"));
  source.error(new Error("cut"));
  await expect(reader.read()).rejects.toThrow("cut");
});

test("who reads no more ends the model's stream, and no timer speaks after that", async () => {
  const { source, reader, cancelledFor } = await wrapped();
  source.enqueue(text("a"));
  await reader.read();
  source.enqueue(text("b"));
  await reader.cancel("left");
  expect(cancelledFor()).toBe("left");
  await new Promise((resolve) => setTimeout(resolve, 2 * PIECE_MS));
});
