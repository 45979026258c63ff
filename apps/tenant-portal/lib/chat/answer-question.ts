import { randomUUID } from "node:crypto";
import { forTenant } from "@openhouse/db/client";
import { findThreadOwner } from "@openhouse/db/queries/chat-threads";
import { listExchange, listRecentMessages, type Message } from "@openhouse/db/queries/messages";
import {
  type Asked,
  addQuestion,
  openWithQuestion,
  replaceLastQuestion,
  retryQuestion,
} from "@openhouse/db/queries/questions";
import { sendEvent } from "@openhouse/jobs/events";
import { Flight } from "@openhouse/web/flight";
import { HttpError } from "@openhouse/web/http-error";
import { waitUntil } from "@openhouse/web/pending-work";
import { spend } from "@openhouse/web/quotas";
import { type SessionClaims, sessionOfClaims } from "@openhouse/web/session";
import { answerStream } from "./answer-stream.ts";
import { type AnswerUnderWay, beginAnswer, countUnderWay } from "./answers-under-way.ts";
import { assistant } from "./assistant.ts";
import { followUpQuery, isFollowUp } from "./concepts.ts";
import { ANSWERS_AT_ONCE } from "./limits.ts";
import { type FirstLookup, HISTORY_MESSAGES, promptOf } from "./prompt.ts";
import { replayStream } from "./replay.ts";
import type { AskedQuestion } from "./request.ts";
import { SEARCH_TOOL, searchDocuments, toQuery } from "./search-documents.ts";
import { titleOf } from "./title.ts";

/**
 * Answers a homeowner's question with a stream. What is stored before it begins: the question, its thread where that is
 * new, and what was looked up for it, together. No connection is held from then on.
 *
 * @throws {HttpError} 429 `answers_under_way` or the quota that is used up, 401 `sign_in_required`, 404 `thread_not_found`, 409 `answer_under_way` or `question_not_last`, 400 `message_id_invalid`
 * where another text was sent under this id. Errors of the database.
 */
export async function answerQuestion(
  claims: SessionClaims,
  question: AskedQuestion,
  signal: AbortSignal,
): Promise<Response> {
  const { tenantId, subjectId: homeownerId } = claims;
  const { threadId, clientMessageId, replaces = [] } = question;
  const flight = new Flight(forTenant(tenantId));
  const [session, owner] = await Promise.all([
    sessionOfClaims("tenant", claims, flight),
    flight.ask(findThreadOwner(flight.db, { threadId, homeownerId })),
  ]);
  if (session?.kind !== "homeowner" || owner === null) throw new HttpError(401, "sign_in_required");
  const isNew = owner.thread === null;
  if (isNew && question.existing) throw new HttpError(404, "thread_not_found");
  const keyOf = (id: string) => [tenantId, homeownerId, threadId, id].join("/");
  const underWay = beginAnswer(keyOf(clientMessageId), replaces.map(keyOf));
  if (underWay === null) throw answerUnderWay();
  const { developmentId } = owner;
  try {
    await assertMayAsk(claims);
    return await respond({
      flight,
      developmentId,
      homeownerId,
      tenantId,
      isNew,
      question,
      underWay,
      signal,
    });
  } catch (error) {
    underWay.over("settled");
    throw error;
  }
}

/** @throws {HttpError} 429: the person, or the company, has asked as much as they may. */
async function assertMayAsk({ tenantId, subjectId }: SessionClaims): Promise<void> {
  // This one is among them.
  if (countUnderWay(`${tenantId}/${subjectId}/`) > ANSWERS_AT_ONCE)
    throw new HttpError(429, "answers_under_way", { "Retry-After": "5" });
  const usedUp = await spend(
    { tenantId, subjectId },
    "questions_a_minute",
    "questions_a_day",
    "company_questions_a_day",
  );
  if (usedUp === null) return;
  throw new HttpError(429, usedUp.quota, { "Retry-After": String(usedUp.retryAfterSeconds) });
}

const answerUnderWay = () => new HttpError(409, "answer_under_way", { "Retry-After": "1" });

interface Asking {
  flight: Flight;
  tenantId: string;
  homeownerId: string;
  developmentId: string;
  isNew: boolean;
  question: AskedQuestion;
  underWay: AnswerUnderWay;
  signal: AbortSignal;
}

async function respond(asking: Asking): Promise<Response> {
  const { flight, developmentId, isNew, question, underWay, signal } = asking;
  const { db } = flight;
  const { threadId, text } = question;
  const search = (query: string) => searchDocuments(flight, { developmentId, query });
  const readRecent = async () => {
    if (isNew) return [];
    const messages = await flight.ask(listRecentMessages(db, { threadId, limit: HISTORY_MESSAGES }));
    return withoutReplaced(messages, question.replaces);
  };
  // What was asked before says what a question such as "And recycling?" is about; any other is looked up at the same time.
  const earlier = isFollowUp(text) ? await readRecent() : undefined;
  const last = earlier && lastQuestion(earlier, question.clientMessageId);
  const input = { query: toQuery(followUpQuery(text, last)) };
  const [output, recent] = await Promise.all([search(input.query), earlier ?? readRecent()]);
  const lookup = { id: randomUUID(), input, output };
  const asked = await ask(asking, lookup);
  switch (asked.outcome) {
    case "no_thread":
      throw new HttpError(404, "thread_not_found");
    case "other_text":
      throw new HttpError(400, "message_id_invalid");
    case "under_way":
      throw answerUnderWay();
    case "not_last":
      throw new HttpError(409, "question_not_last");
    case "answered":
      underWay.over("settled");
      return replayStream(await listExchange(db, asked.messageId));
  }
  const { messageId: replyToId } = asked;
  const who = assistant();
  const prompt = promptOf(before(recent, replyToId), text, lookup);
  const { tenantId } = asking;
  const onKept = () => {
    const data = { tenantId, threadId, at: new Date().toISOString() };
    void waitUntil(sendEvent({ name: "thread/message.created", data }));
  };
  const answerId = randomUUID();
  return answerStream({
    db,
    answerId,
    replyToId,
    assistant: who,
    question: text,
    prompt,
    lookup,
    search,
    underWay,
    signal,
    onKept,
  });
}

async function ask(
  { flight: { db }, homeownerId, isNew, question, underWay }: Asking,
  lookup: FirstLookup,
): Promise<Asked | { outcome: "not_last" }> {
  const { threadId, clientMessageId, text: body, replaces } = question;
  const stored = { threadId, homeownerId, clientMessageId, body, lookup: { ...lookup, name: SEARCH_TOOL } };
  const add = () => {
    const title = titleOf(body);
    if (replaces !== undefined) return replaceLastQuestion(db, { ...stored, replaces, title, opens: isNew });
    return isNew ? openWithQuestion(db, { ...stored, title }) : addQuestion(db, stored);
  };
  const added = await add();
  if (added === "not_last") return { outcome: added };
  if (added !== null) return { outcome: "asked", messageId: added.messageId };
  return retryQuestion(db, { ...stored, patienceMs: underWay.patienceMs });
}

/** What was said before a question that gives way, and is not to be answered from. */
function withoutReplaced(messages: Message[], replaces: readonly string[] = []): Message[] {
  const at = messages.findIndex(({ clientMessageId }) => replaces.includes(clientMessageId ?? ""));
  return at === -1 ? messages : messages.slice(0, at);
}

/** What was asked last, but for this question, which may have been asked before. */
function lastQuestion(recent: readonly Message[], clientMessageId: string): string | undefined {
  return recent.findLast((message) => message.role === "user" && message.clientMessageId !== clientMessageId)
    ?.body;
}

/** What was said before a question, which may have been asked, and half answered, before. */
function before(recent: readonly Message[], questionId: string): Message[] {
  const at = recent.findIndex(({ id }) => id === questionId);
  return recent.slice(0, at === -1 ? recent.length : at);
}
