/** Something the person at the terminal can put right: shown as its message, without a stack. */
export class UserError extends Error {
  readonly code = "USER_ERROR";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UserError";
  }
}
