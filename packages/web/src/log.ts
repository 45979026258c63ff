import { consoleLogger, type Logger, limitedLog } from "@openhouse/pool";
import { processGlobal } from "./process-global.ts";

export type LogEvent =
  | "web.started"
  | "web.cannot_start"
  | "web.draining"
  | "web.drained"
  | "web.pool_not_closed"
  | "web.database_unavailable"
  | "web.unexpected_error"
  | "web.request_refused"
  | "web.action_refused"
  | "web.form_refused"
  | "web.csp_violation"
  | "web.password_hash_unreadable"
  | "web.second_factor_unreadable"
  | "web.mail_to_folder"
  | "web.mail_failed"
  | "web.console";

/** Where a part of the portals writes of which each line counts: one JSON object a line. */
export function everyLineLog<Event extends string>(): Logger<Event> {
  return consoleLogger({ format: "json", debug: false });
}

/** Where a part of the portals writes that has events of its own: one JSON object a line, and few of one event and kind. */
export function portalLog<Event extends string>(): Logger<Event> {
  return limitedLog(everyLineLog<Event>());
}

/** One for all bundles of the process: each would let as many lines through. */
export const log = processGlobal("web/log", () => portalLog<LogEvent>());
