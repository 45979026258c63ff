import { describeError } from "@openhouse/pool";

/** Whether a statement failed because what it refers to is not there, or went while it ran. */
export const isForeignKeyViolation = (error: unknown): boolean => describeError(error).sqlstate === "23503";

/** What `work` answers, or `taken` where its statement failed because another row has what may be there once only. */
export async function unlessTaken<T>(work: Promise<T>): Promise<T | "taken"> {
  try {
    return await work;
  } catch (error) {
    if (describeError(error).sqlstate === "23505") return "taken";
    throw error;
  }
}
