import type { Check } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import type { Ignore } from "./config-file.ts";
import { Examination, type ExaminationOptions } from "./examination.ts";
import { CannotLook, type Finding, type Found, ok, skip } from "./finding.ts";
import { applyIgnores, type IgnoredFinding } from "./ignore.ts";

export interface DoctorOptions extends ExaminationOptions {
  /** The project's own, told behind ours. */
  readonly checks?: readonly Check[] | undefined;
}

export interface Report {
  /** Of this shape: a change of it that breaks readers is told by another number. */
  readonly version: 1;
  readonly findings: readonly Finding[];
  readonly ignored: readonly IgnoredFinding[];
}

/** Looks at everything, and changes nothing. Never throws for what it finds. */
export async function examine(options: DoctorOptions, ignores: readonly Ignore[] = []): Promise<Report> {
  const examination = await Examination.open(options);
  try {
    const findings: Finding[] = [];
    for (const check of [...CHECKS, ...(options.checks ?? [])]) {
      const found = await lookWith(check, examination);
      const { id, title, why } = check;
      findings.push(...found.map((each) => ({ id, title, why, ...each })));
    }
    return { version: 1, ...applyIgnores(findings, ignores) };
  } finally {
    await examination.close();
  }
}

async function lookWith(check: Check, examination: Examination): Promise<readonly Found[]> {
  try {
    const found = await check.look(examination);
    return found.length === 0 ? [ok("nothing found")] : found;
  } catch (error) {
    if (error instanceof CannotLook) return [skip(error.message, error.change)];
    return [skip(`could not be looked at: ${reasonOf(error)}`)];
  }
}

/** The server's own sentence may quote a value. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? `${error.name} ${error.code}` : error.message;
}
