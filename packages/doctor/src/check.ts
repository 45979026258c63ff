import type { Examination } from "./examination.ts";
import type { Found } from "./finding.ts";

/** One idea. It only reads. */
export interface Check {
  /** Stable: scripts and `doctor.json` name it. */
  readonly id: string;
  readonly title: string;
  /** What comes of it where it is not as it should be. */
  readonly why: string;
  /** Nothing, where all is right. What it throws makes it skipped, never right. */
  look(examination: Examination): Promise<readonly Found[]> | readonly Found[];
}
