import type { DatabaseFigures } from "@openhouse/web/database-figures";

const REASONS: Record<string, string> = {
  timeout: "it does not answer in time",
  connection_refused: "nothing answers at its address",
  connection_lost: "connections to it break",
  dns: "its host name leads nowhere",
  auth: "it refuses the portal’s user or password",
  tls: "no trusted encrypted connection can be made",
  too_many_connections: "it has no connections left for this portal",
  disk_full: "its disk is full",
  starting_up: "it is starting up",
  shutting_down: "it is shutting down",
  config: "the portal’s settings for it are wrong",
  permission: "it does not let the portal’s user ask",
};

/** A state in a sentence: what it means, and the kind of fault where there is one. */
export function statusSentence({ status, error }: Pick<DatabaseFigures, "status" | "error">): string {
  switch (status) {
    case "healthy":
      return "The database answers, and there are connections for every request.";
    case "degraded":
      return degradedSentence(error);
    case "draining":
      return "This portal is shutting down. It finishes what is under way and takes nothing new.";
    case "unhealthy":
      return `The database cannot be reached: ${reason(error)}. Pages come back by themselves when it does.`;
  }
}

function degradedSentence(error: string | undefined): string {
  switch (error) {
    case undefined:
      return "The database answers, but every connection is in use and requests wait for one.";
    case "event_loop":
      return "This portal’s process stands still at times. The database is not to blame.";
    case "read_only":
      return "The database answers, but takes no changes: it is a standby, or was made read-only.";
    default:
      return `Requests are served, but the health check has no connection: ${reason(error)}.`;
  }
}

function reason(error: string | undefined): string {
  if (error === undefined) return "it does not answer";
  return REASONS[error] ?? `the fault is “${error.replaceAll("_", " ")}”`;
}
