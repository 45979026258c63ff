import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { isSameProcess, processIdentity } from "./processes.ts";
import { placeFile, readIfThere } from "./server-files.ts";

/** Notes that this process answers for the cluster's server. Written before the server starts. */
export function claimLauncher(path: string): void {
  placeFile(path, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }));
}

/** The live process that answers for the server, or `null`: then the server, if there is one, is an orphan. */
export function liveLauncher(path: string): number | null {
  try {
    const { pid, identity }: { pid: number; identity: string } = JSON.parse(readIfThere(path) ?? "{}");
    return pid > 0 && isSameProcess(pid, identity) ? pid : null;
  } catch {
    return null; // cut short by a power cut
  }
}

/** Takes our note back; another's stays, who took over when they found our server dead. */
export function forgetLauncher(path: string): void {
  if (liveLauncher(path) === process.pid) rmSync(path, { force: true });
}

/** Part of a name of files and directories: says whose they are from the moment they are there. */
export function ownerMark(pid = process.pid): string {
  const identity = processIdentity(pid) ?? "gone";
  return `${pid}-${createHash("sha256").update(identity).digest("hex").slice(0, 8)}`;
}

/** Whether the name speaks of a process that does not run any more. */
export function isOwnerDead(name: string): boolean {
  const mark = /-((\d+)-[0-9a-f]{8})-[0-9a-f]{8}/.exec(name);
  return mark !== null && ownerMark(Number(mark[2])) !== mark[1];
}
