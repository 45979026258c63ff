/**
 * An answer that a route handler chooses to give. `handleRoute` turns it into `{"error": code}` with the
 * status.
 */
export class HttpError extends Error {
  readonly status: number;
  /** Stable and public, such as `sign_in_required`. Never put anything of the request or of a row into it. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param status 400 to 599.
   * @param headers sent along, such as `Retry-After`.
   */
  constructor(status: number, code: string, headers: Readonly<Record<string, string>> = {}) {
    super(`${status} ${code}`);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
