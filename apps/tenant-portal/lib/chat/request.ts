import { isUuid } from "@openhouse/db/uuid";
import { HttpError } from "@openhouse/web/http-error";
import { readRequestText } from "@openhouse/web/request-text";
import { MESSAGE_MAX_LENGTH, MOST_REPLACED } from "./limits.ts";

/** 4,000 characters, each escaped in JSON as two times six, and what is around them. */
const MAX_BODY_BYTES = 64 * 1024;
const MESSAGE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** What a homeowner asks. */
export interface AskedQuestion {
  threadId: string;
  clientMessageId: string;
  /** Without space around it; can be stored as it is. */
  text: string;
  /** Whether the sender knows the thread to exist. */
  existing: boolean;
  /** Questions that this one takes the place of. */
  replaces?: readonly string[];
}

/**
 * Reads the body of `POST /api/chat`.
 *
 * @throws {HttpError} 413 `body_too_large`; 400 `malformed`, `thread_id_invalid`, `message_id_invalid`, `message_empty`,
 * `message_too_long`.
 */
export async function readQuestion(request: Request): Promise<AskedQuestion> {
  const text = await readRequestText(request, MAX_BODY_BYTES);
  if (text === null) throw new HttpError(413, "body_too_large");
  return parseQuestion(parseJson(text));
}

/** `readQuestion` for a body that is read already. */
export function parseQuestion(body: unknown): AskedQuestion {
  if (!isRecord(body) || !isRecord(body.message)) throw new HttpError(400, "malformed");
  const { id, existing = false, message } = body;
  if (typeof existing !== "boolean") throw new HttpError(400, "malformed");
  const threadId = typeof id === "string" ? id.toLowerCase() : "";
  if (!isUuid(threadId)) throw new HttpError(400, "thread_id_invalid");
  if (typeof message.id !== "string" || !MESSAGE_ID.test(message.id))
    throw new HttpError(400, "message_id_invalid");
  // Postgres stores no NUL.
  if (typeof message.text !== "string" || message.text.includes("\0")) throw new HttpError(400, "malformed");
  const text = withoutLoneSurrogates(message.text).trim();
  if (text === "") throw new HttpError(400, "message_empty");
  if (text.length > MESSAGE_MAX_LENGTH) throw new HttpError(400, "message_too_long");
  const replaces = readReplaced(body.replaces);
  return {
    threadId,
    clientMessageId: message.id,
    text,
    existing,
    ...(replaces !== undefined && { replaces }),
  };
}

function readReplaced(sent: unknown): string[] | undefined {
  if (sent === undefined) return undefined;
  if (!Array.isArray(sent) || sent.length === 0 || sent.length > MOST_REPLACED)
    throw new HttpError(400, "malformed");
  return sent.map((id) => {
    if (typeof id !== "string" || !MESSAGE_ID.test(id)) throw new HttpError(400, "message_id_invalid");
    return id;
  });
}

/** Half of a surrogate pair is no character, and Postgres refuses it in JSON. */
export function withoutLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, "malformed");
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
