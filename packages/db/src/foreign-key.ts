import { describeError } from "@openhouse/pool";

/** Whether a statement failed because what it refers to is not there, or went while it ran. */
export const isForeignKeyViolation = (error: unknown): boolean => describeError(error).sqlstate === "23503";
