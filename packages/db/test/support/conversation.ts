import { randomUUID } from "node:crypto";
import type { Database } from "../../src/database.ts";
import { openWithQuestion, type Question } from "../../src/queries/questions.ts";

/** A question that nobody has asked yet, with an id of its own. */
export function questionIn(threadId: string, homeownerId: string, body: string): Question {
  const lookup = { id: randomUUID(), name: "search", input: { query: body }, output: { passages: [] } };
  return { threadId, homeownerId, clientMessageId: randomUUID(), body, lookup };
}

/** A thread with one question, which is its title too; answers the thread's id. */
export async function openThread(db: Database, homeownerId: string, body: string): Promise<string> {
  const threadId = randomUUID();
  await openWithQuestion(db, { ...questionIn(threadId, homeownerId, body), title: body });
  return threadId;
}
