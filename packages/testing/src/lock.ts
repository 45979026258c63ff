import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { EmbeddedPostgresError } from "./embedded-error.ts";
import { isSameProcess, processIdentity } from "./processes.ts";

interface Holder {
  pid: number;
  identity: string;
  token: string;
}

/**
 * Runs `work` while no other process that asks for the same `path` does. A holder that was killed
 * does not block the next one.
 *
 * Three races decide how it is built:
 * - The file is written under another name and linked into place: `link` is atomic and fails when
 *   the name is taken, so a lock file is never seen half written.
 * - A dead holder's file must not be removed by two at once: the slower one would remove the lock
 *   that the faster one has just taken. So the removal itself is done under a lock, named after the
 *   dead holder's token; whoever gets that second looks again first. A process killed while it
 *   removes is handled the same way, one level deeper.
 * - A pid may have been given to another process since: `identity` tells.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_BUSY`: another process held the lock for `timeoutMs`.
 */
export async function withLock<T>(path: string, work: () => Promise<T> | T, timeoutMs = 120_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  while (!take(path)) {
    const holder = readHolder(path);
    if (holder === null) continue;
    if (!isSameProcess(holder.pid, holder.identity)) {
      await withLock(`${path}.${holder.token}`, () => removeIfStill(path, holder.token), timeoutMs);
      continue;
    }
    if (performance.now() > deadline) {
      const message = `Process ${holder.pid} has been starting or stopping Postgres for ${timeoutMs} ms (${path}).`;
      throw new EmbeddedPostgresError("POSTGRES_BUSY", `${message} Wait for it, or end it, and try again.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  const token = randomUUID();
  const identity = processIdentity(process.pid) ?? "unknown";
  const draft = `${path}-${token}`;
  const holder: Holder = { pid: process.pid, identity, token };
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeIfStill(path: string, token: string): void {
  if (readHolder(path)?.token === token) rmSync(path, { force: true });
}

function readHolder(path: string): Holder | null {
  try {
    const { pid, identity, token }: Partial<Holder> = JSON.parse(readFileSync(path, "utf8"));
    if (typeof pid === "number" && identity !== undefined && token !== undefined)
      return { pid, identity, token };
    return { pid: 0, identity: "", token: "unreadable" };
  } catch (error) {
    // A power cut can leave the name without its contents.
    if (error instanceof SyntaxError) return { pid: 0, identity: "", token: "unreadable" };
    return null;
  }
}
