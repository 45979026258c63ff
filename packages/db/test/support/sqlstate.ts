import pg from "pg";

/** The SQLSTATE of an error of Postgres, however it is wrapped; undefined for any other error. */
export function sqlstate(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code;
  return error instanceof Error && error.cause !== undefined ? sqlstate(error.cause) : undefined;
}

/** How `work` ended: "done", or the SQLSTATE it failed with. Rethrows what is no error of Postgres. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    const state = sqlstate(error);
    if (state === undefined) throw error;
    return state;
  }
}
