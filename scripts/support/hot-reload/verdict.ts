import type { Figures } from "./figures.ts";
import type { SaveRecord } from "./saves.ts";
import type { ChangeRecord } from "./settings-changes.ts";

/** What is wrong with these saves, a line each; none where all is well. */
export function faultsOfSaves(records: readonly SaveRecord[], max: number): string[] {
  const faults = records.flatMap((record) => {
    const found = faultsOfCounts(record, max);
    if (record.peak > max + 1)
      found.push(`${record.peak} backends at a time, more than ${max} and a probe's`);
    return found.map((fault) => `${record.portal}, save ${record.number} of ${record.file}: ${fault}`);
  });
  // Without it, the count after a save would say nothing.
  for (const portal of new Set(records.map((record) => record.portal))) {
    const most = Math.max(
      ...records.filter((record) => record.portal === portal).map(({ pooled }) => pooled.length),
    );
    if (most < max)
      faults.push(`${portal}: the load has never made the pool grow to ${max}, only to ${most}`);
  }
  return faults;
}

/** What is wrong with these changes of settings, a line each; none where all is well. */
export function faultsOfChanges(records: readonly ChangeRecord[]): string[] {
  return records.flatMap((record) => {
    const { portal, what, max, before, peak, pooledMeanwhile, borrowed } = record;
    const found = faultsOfCounts(record, max);
    if (peak > before + max + 1) found.push(`${peak} backends at a time, with ${before} before the change`);
    if (pooledMeanwhile.length > max) {
      found.push(`the new pool had ${pooledMeanwhile.length} backends beside the old one, more than ${max}`);
    }
    if (!borrowed.wasUnderWay) found.push("the request that kept a connection did not outlast the change");
    if (borrowed.kept.join() !== String(borrowed.pid)) {
      found.push(
        `of the old pool the backends ${borrowed.kept.join(", ")} were left, not just ${borrowed.pid}`,
      );
    }
    if (borrowed.servedBy !== borrowed.pid) {
      found.push(`the request that kept backend ${borrowed.pid} was finished by ${borrowed.servedBy}`);
    }
    return found.map((fault) => `${portal}, ${what}: ${fault}`);
  });
}

function faultsOfCounts({ failures, pooled, probes }: Figures, max: number): string[] {
  const found = failures.map((failure) => `a request failed: ${failure}`);
  if (pooled.length > max) found.push(`the pool has ${pooled.length} backends, more than ${max}`);
  if (probes.length > 1) found.push(`the health probe has ${probes.length} backends, more than 1`);
  return found;
}
