/** Stable codes of what can keep the embedded server from starting. */
export type EmbeddedPostgresErrorCode =
  | "POSTGRES_PLATFORM"
  | "POSTGRES_BINARIES"
  | "POSTGRES_SERVER_USER"
  | "POSTGRES_DIRECTORY"
  | "POSTGRES_DATA_VERSION"
  | "POSTGRES_PORT_TAKEN"
  | "POSTGRES_BUSY"
  | "POSTGRES_START";

/** The embedded server cannot be started or stopped. `code` says which decision is left to the caller. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmbeddedPostgresError";
    this.code = code;
  }
}
