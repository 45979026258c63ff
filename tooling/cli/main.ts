import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { config } from "dotenv";

/**
 * Runs a script: reads `.env` at the root of the checkout (the real environment wins), does the work, and
 * ends with its exit code. Errors with a stable code were written for the reader, so they come without a stack.
 */
export async function main(work: () => Promise<number | undefined>): Promise<void> {
  config({ path: join(repositoryRoot(), ".env"), quiet: true });
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(`\n${describe(error)}`);
    process.exitCode = 1;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const written = "code" in error && typeof error.code === "string" && /^[A-Z]+_[A-Z_]+$/.test(error.code);
  return written ? error.message : (error.stack ?? error.message);
}
