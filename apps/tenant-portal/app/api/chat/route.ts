import { HttpError } from "@openhouse/web/http-error";
import { handleRoute } from "@openhouse/web/route";
import { currentClaims } from "@openhouse/web/session";
import { answerQuestion } from "../../../lib/chat/answer-question.ts";
import { readQuestion } from "../../../lib/chat/request.ts";

/** A homeowner asks; the assistant's answer comes as a stream. See `ChatRequest` for the body. */
export const POST = handleRoute("/api/chat", async (request) => {
  const claims = await currentClaims("tenant");
  if (claims === null) throw new HttpError(401, "sign_in_required");
  return answerQuestion(claims, await readQuestion(request), request.signal);
});
