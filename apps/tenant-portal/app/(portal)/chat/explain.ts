import { formatWait } from "@openhouse/web/format";
import { ERROR_TEXT } from "../../../lib/chat/error-text.ts";
import { AnswerFailedError } from "./answer-failed.ts";
import { ChatRefusedError } from "./chat-refused.ts";

/** What helps: nothing but other words, waiting, asking again, signing in, or another conversation. */
export type Remedy = "none" | "wait" | "again" | "sign-in" | "new";

export interface Explanation {
  text: string;
  remedy: Remedy;
}

const LOST: Explanation = { text: "The connection was lost. Your question is kept.", remedy: "again" };
const UNKNOWN: Explanation = {
  text: "Something went wrong on our side. Your question is kept; trying once more often helps.",
  remedy: "again",
};

/** Says what happened in words for the homeowner. */
export function explain(error: Error): Explanation {
  if (error instanceof ChatRefusedError) return explainRefusal(error);
  if (error instanceof AnswerFailedError) return { text: ERROR_TEXT[error.code], remedy: "again" };
  if (error instanceof TypeError) return LOST; // what fetch and a broken stream throw
  return UNKNOWN;
}

function explainRefusal({ status, code, retryAfterMs }: ChatRefusedError): Explanation {
  if (status === 401) return { text: "You are not signed in any more.", remedy: "sign-in" };
  if (status === 404) {
    return { text: "This conversation is not there any more; perhaps it was deleted.", remedy: "new" };
  }
  if (status === 413 || code === "message_too_long") {
    return { text: "This question is too long. Please ask in fewer words.", remedy: "none" };
  }
  if (status === 400) return { text: "This question cannot be answered as it is.", remedy: "none" };
  if (code === "answer_under_way") {
    return { text: "This question is still being answered, perhaps in another window.", remedy: "again" };
  }
  if (code === "question_not_last") {
    return {
      text: "You have asked something else or changed this question since, perhaps in another window. Please load the page again.",
      remedy: "none",
    };
  }
  if (status === 429) return explainLimit(code, retryAfterMs);
  if (status === 503) {
    return {
      text: "The assistant cannot be reached right now. Your question is kept.",
      remedy: retryAfterMs === undefined ? "again" : "wait",
    };
  }
  return UNKNOWN;
}

/** Longer than this nobody waits in front of the page for it to send the question by itself. */
const WAIT_IN_FRONT_MS = 90_000;

function explainLimit(code: string, retryAfterMs = WAIT_IN_FRONT_MS): Explanation {
  const remedy = retryAfterMs < WAIT_IN_FRONT_MS ? "wait" : "again";
  if (code === "answers_under_way")
    return { text: "Two of your questions are being answered already.", remedy };
  const when = `in ${formatWait(retryAfterMs / 1_000)}`;
  if (code === "questions_a_minute")
    return {
      text: `You ask faster than the assistant can answer. The next answer is possible ${when}.`,
      remedy,
    };
  if (code === "company_questions_a_day")
    return {
      text: `The assistant has answered all the questions that it can today. It is there again ${when}; until then the search finds what your documents say.`,
      remedy,
    };
  return {
    text: `You have asked as many questions as one can in a day. The assistant is there for you again ${when}.`,
    remedy,
  };
}
