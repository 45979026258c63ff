import type { Ignore } from "./config-file.ts";
import { type Finding, ok, warn } from "./finding.ts";

export interface IgnoredFinding extends Finding {
  readonly reason: string;
}

export const IGNORE_CHECK = {
  id: "ignore",
  title: "what doctor.json ignores",
  why: "an exception that nobody can account for, or that has outlived its object, hides the next fault",
} as const;

/** Takes out what is ignored by (id, object) with a reason; tells of entries without one, and of those that match nothing. */
export function applyIgnores(findings: readonly Finding[], ignores: readonly Ignore[]) {
  const kept: Finding[] = [];
  const ignored: IgnoredFinding[] = [];
  const used = new Set<Ignore>();
  for (const finding of findings) {
    const entry = ignores.find((each) => each.id === finding.id && each.object === finding.object);
    const reason = entry?.reason?.trim();
    if (entry !== undefined) used.add(entry);
    if (!reason || finding.level === "ok" || finding.level === "skip") kept.push(finding);
    else ignored.push({ ...finding, reason });
  }
  for (const finding of ignored) {
    if (kept.some(({ id }) => id === finding.id)) continue;
    const { id, title, why } = finding;
    kept.push({ id, title, why, ...ok("what there is, is ignored with a reason") });
  }
  const skipped = new Set(findings.filter(({ level }) => level === "skip").map(({ id }) => id));
  for (const entry of ignores) {
    const name = entry.object === undefined ? entry.id : `${entry.id} ${entry.object}`;
    if (!entry.reason?.trim()) {
      kept.push({ ...IGNORE_CHECK, ...warn(`${name} has no reason`, 'doctor.json: "reason": "…"', name) });
    } else if (!used.has(entry) && !skipped.has(entry.id)) {
      kept.push({
        ...IGNORE_CHECK,
        ...warn(`${name} matches nothing`, "doctor.json: take the entry out", name),
      });
    }
  }
  return { findings: kept, ignored };
}
