import type pg from "pg";
import { bindCallback } from "../async/bind-callback.ts";

/** Cursors, streams and COPY drive the protocol themselves, at their own pace: no deadline is theirs. */
export function isSubmittable(config: unknown): config is pg.Submittable {
  return (
    typeof config === "object" && config !== null && "submit" in config && typeof config.submit === "function"
  );
}

/** How pg hands the server's answers to what it was given. */
const ANSWERS = [
  "handleRowDescription",
  "handleDataRow",
  "handlePortalSuspended",
  "handleEmptyQuery",
  "handleCommandComplete",
  "handleReadyForQuery",
  "handleError",
];

/** Has the callbacks of a cursor run in the async context of the code that hands it over: answers come in that of whoever opened the socket. */
export function bindAnswers(submittable: unknown): void {
  if (!isSubmittable(submittable)) return;
  for (const name of ANSWERS) {
    const answer: unknown = Reflect.get(submittable, name);
    if (typeof answer === "function") Reflect.set(submittable, name, bindCallback(answer as () => unknown));
  }
}
