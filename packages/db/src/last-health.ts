import type { HealthReport } from "@openhouse/pool";
import { processGlobal } from "@openhouse/pool/process";

/** What the last probe found, and when, in milliseconds since 1970. */
export interface KnownHealth {
  readonly report: HealthReport;
  readonly atMs: number;
}

/** Shared by the copies of this module that a bundler makes. */
const last = processGlobal<{ known: KnownHealth | undefined }>("db/last-health", () => ({
  known: undefined,
}));

/** What the last probe found, whoever asked for it; asks for none. */
export function lastHealth(): KnownHealth | undefined {
  return last.known;
}

export function noteHealth(report: HealthReport): HealthReport {
  last.known = { report, atMs: Date.now() };
  return report;
}

/** Of another database than the one in use now. */
export function forgetHealth(): void {
  last.known = undefined;
}
