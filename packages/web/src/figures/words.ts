import type { FallbackReason, HealthKind } from "@openhouse/pool";

const FAULTS: Record<HealthKind, string> = {
  timeout: "it does not answer in time",
  connection_refused: "nothing answers at its address",
  connection_lost: "connections to it break",
  dns: "its host name leads nowhere",
  auth: "it refuses the portal’s user or password",
  tls: "no trusted encrypted connection can be made",
  too_many_connections: "it has no connections left for this portal",
  disk_full: "its disk is full",
  starting_up: "it is starting up",
  not_accepting: "it takes no connections",
  shutting_down: "it is shutting down",
  read_only: "it takes no changes",
  permission: "it does not let the portal’s user ask",
  config: "the portal’s settings for it are wrong",
  pooler_waiting: "its pooler signs the portal in, and waits for the server",
  event_loop: "the portal’s process stands still",
  unknown: "it does not answer",
};

/** What is wrong with the database, as the end of a sentence. */
export function faultWords(kind: string | null): string {
  if (kind === null) return FAULTS.unknown;
  const words: Readonly<Record<string, string>> = FAULTS;
  return words[kind] ?? `the fault is “${kind.replaceAll("_", " ")}”`;
}

/** What is wrong with a primary that does not know that it is none any more, as the end of a sentence. */
export const STALE_WORDS = "another host has taken its place";

/** Why a read went to the primary and to no replica, as the end of a sentence. */
export const SKIPPED_WORDS: Readonly<Record<FallbackReason, string>> = {
  none: "there is none",
  unmeasured: "it was not measured yet",
  unreachable: "it does not answer",
  promoted: "it takes writes, so it is no replica any more",
  receiver: "it receives nothing from the primary",
  lag: "it is too far behind",
  timeline: "it follows another primary",
  resting: "it has failed a moment ago",
  saturated: "its connections are all in use",
  behind: "it did not have what the read must see",
  conflict: "its recovery has cancelled the read",
  read_only: "it does not take the statement",
  token: "it does not have the tenants’ key yet",
  schema: "it does not have the table yet",
  lost: "a connection to it was lost",
};
