import type { HealthKind } from "@openhouse/pool";

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
