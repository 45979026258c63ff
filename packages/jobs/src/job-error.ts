import type { ErrorDescription } from "@openhouse/pool";

/** What the executor is told of a failure. It keeps what it is told, so that is a kind, and no message of a database. */
export class JobError extends Error {
  readonly code = "JOB_FAILED";
  readonly #description: ErrorDescription;

  constructor(description: ErrorDescription) {
    const { kind, sqlstate } = description;
    super(`the job failed: ${kind}${sqlstate === undefined ? "" : ` (${sqlstate})`}`);
    this.name = "JobError";
    this.#description = description;
  }

  /** Of the error in whose place it stands, for the log. */
  get description(): ErrorDescription {
    return this.#description;
  }
}
