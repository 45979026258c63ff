import type { DatabaseServers } from "@openhouse/db/figures";
import type { PoolHost, ReplicaStats } from "@openhouse/pool";
import type { Finding } from "./judge.ts";
import { faultWords, SKIPPED_WORDS, STALE_WORDS } from "./words.ts";

/** What passes by itself within moments, or has not begun. */
const BRIEF: ReadonlySet<ReplicaStats["skipped"]> = new Set(["resting", "saturated", "unmeasured"]);

/**
 * What is found of several hosts and of replicas. Requests are served all the same, so that it is looked at; but for two primaries:
 * what anybody writes to the old one is lost.
 */
export function judgeServers({ hosts, replicas }: DatabaseServers): readonly Finding[] {
  return [...hosts.map(ofHost), ...replicas.map(ofReplica)].filter((finding) => finding !== undefined);
}

function ofHost({ server, failure, isStale }: PoolHost): Finding | undefined {
  if (failure !== undefined)
    return { level: "look", text: `${server} cannot be reached: ${faultWords(failure)}.` };
  if (!isStale) return undefined;
  const text = `${server} still takes writes, and ${STALE_WORDS}. This process does not use it; others may. End it, or make it a standby.`;
  return { level: "act", text };
}

function ofReplica({ host, port, skipped, isStreaming }: ReplicaStats): Finding | undefined {
  const name = `${host}:${port}`;
  if (skipped !== undefined && !BRIEF.has(skipped)) {
    const text = `The replica ${name} is not asked: ${SKIPPED_WORDS[skipped]}. The primary serves its reads.`;
    return { level: "look", text };
  }
  if (isStreaming !== false) return undefined;
  return { level: "look", text: `The replica ${name} receives nothing from the primary.` };
}
