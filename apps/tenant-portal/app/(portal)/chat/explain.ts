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
  if (status === 503) {
    return {
      text: "The assistant cannot be reached right now. Your question is kept.",
      remedy: retryAfterMs === undefined ? "again" : "wait",
    };
  }
  return UNKNOWN;
}
