import { consoleLogger, type Logger } from "@openhouse/pool";

export type LogEvent =
  | "web.started"
  | "web.draining"
  | "web.drained"
  | "web.pool_not_closed"
  | "web.database_unavailable"
  | "web.unexpected_error"
  | "web.request_refused"
  | "web.action_refused"
  | "web.csp_violation"
  | "web.csp_violations_untold"
  | "web.password_hash_unreadable"
  | "web.second_factor_unreadable";

export const log = portalLog<LogEvent>();

/** Where a part of the portals writes that has events of its own: one JSON object a line. */
export function portalLog<Event extends string>(): Logger<Event> {
  return consoleLogger({ format: "json", debug: false });
}
