/** Runs once, when the server starts. A condition and no early return, so that Next makes no edge bundle of what it imports. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { closeOnSignals } = await import("@openhouse/pool/process");
    const { closePool, database } = await import("./lib/database.ts");
    database(); // wrong settings end the start, not the first request
    closeOnSignals(closePool, "database");
  }
}
