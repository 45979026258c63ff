import { createHash, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { ChatLoad } from "../loads.ts";
import { bringsText, readChatStream } from "./chat-stream.ts";
import { failureOf } from "./failure.ts";
import type { Resident, VirtualUsers } from "./virtual-users.ts";
import { questionAt } from "./words.ts";

/** A stream that ends in an error says so in words; the page offers the same message again at once. */
const AGAIN_AFTER_STREAM_ERROR_MS = 1_000;

/** Nobody types the next question in the instant in which one was refused. */
const REST_AFTER_FAILURE_MS = 1_000;

/**
 * Every homeowner of the load holds conversations until its time is over; the last answer is heard to its end. Where they
 * think, they neither come nor ask in step: the first questions are spread over one pause, and each pause is half to one
 * and a half times `thinkMs`.
 */
export async function chat(users: VirtualUsers, load: ChatLoad): Promise<void> {
  const untilMs = performance.now() + load.durationMs;
  const people = Array.from({ length: load.concurrent }, (_, index) => converse(users, load, index, untilMs));
  await Promise.all(people);
}

async function converse(users: VirtualUsers, load: ChatLoad, index: number, untilMs: number): Promise<void> {
  const resident = users.resident(index);
  if (load.thinkMs > 0) await pause((index / load.concurrent) * load.thinkMs);
  for (let asked = 0, threadId = ""; performance.now() < untilMs && !users.aborted.aborted; asked++) {
    if (asked % load.turns === 0) threadId = randomUUID();
    const answered = await say(users, resident, threadId, questionAt(index * 7 + asked));
    const thinkMs = load.thinkMs * pauseFactor(index, asked);
    const restMs = answered ? thinkMs : Math.max(thinkMs, REST_AFTER_FAILURE_MS);
    if (restMs > 0) await pause(Math.min(restMs, Math.max(0, untilMs - performance.now())));
  }
}

/** 0.5 to 1.5, scattered, and the same in every run. */
function pauseFactor(index: number, asked: number): number {
  return 0.5 + ((index * 7_919 + asked * 3_571) % 1_000) / 1_000;
}

/** One message; whether it was answered. A message that is sent again keeps its id. */
async function say(
  users: VirtualUsers,
  resident: Resident,
  threadId: string,
  text: string,
): Promise<boolean> {
  const clientMessageId = `load-${randomUUID()}`;
  const sinceMs = performance.now();
  const firstWords = users.operation("chat, first words");
  const answer = await users.perform("chat", sinceMs, async () => {
    let heard = false;
    const received = await users.line.ask({
      method: "POST",
      path: "/api/chat",
      headers: { cookie: resident.cookie },
      json: { id: threadId, message: { id: clientMessageId, text } },
      onPiece(piece) {
        if (heard || !bringsText(piece)) return;
        heard = true;
        firstWords.begin();
        firstWords.succeed(sinceMs, 1);
      },
    });
    if (received.status !== 200) return { failure: failureOf(received) };
    const said = readChatStream(received.body);
    if (said.error !== null)
      return { failure: { kind: "error in the stream", retryAfterMs: AGAIN_AFTER_STREAM_ERROR_MS } };
    if (!said.finished || said.id === null) return { failure: { kind: "cut stream" } };
    if (said.passages === 0) return { failure: { kind: "answer without passages" } };
    return { value: { id: said.id, textMd5: createHash("md5").update(said.text).digest("hex") } };
  });
  users.turns.push({ threadId, clientMessageId, code: resident.code, answer });
  return answer !== null;
}
