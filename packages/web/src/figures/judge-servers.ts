import type { DatabaseServers } from "@openhouse/db/figures";
import type { PoolHost, ReplicaStats } from "@openhouse/pool";
import type { Finding } from "./judge.ts";
import { faultWords, SKIPPED_WORDS } from "./words.ts";

/** What passes by itself within moments, or has not begun. */
const BRIEF: ReadonlySet<ReplicaStats["skipped"]> = new Set(["resting", "saturated", "unmeasured"]);

/** What to look at of several hosts and of replicas: requests are served all the same, so that nothing of it is an outage. */
export function judgeServers({ hosts, replicas }: DatabaseServers): readonly Finding[] {
  return [...hosts.map(ofHost), ...replicas.map(ofReplica)].filter((finding) => finding !== undefined);
}

function ofHost({ server, failure }: PoolHost): Finding | undefined {
  if (failure === undefined) return undefined;
  return { level: "look", text: `${server} cannot be reached: ${faultWords(failure)}.` };
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
