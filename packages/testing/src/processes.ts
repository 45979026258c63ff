import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Names one process for good: a pid alone is given away again after its process is gone, and starts
 * anew from small numbers after a reboot. `null` when no such process runs; a zombie runs no more.
 */
export function processIdentity(pid: number): string | null {
  return process.platform === "linux" ? linuxIdentity(pid) : psIdentity(pid);
}

/** Whether the process that was once seen as `identity` still runs. */
export function isSameProcess(pid: number, identity: string): boolean {
  return processIdentity(pid) === identity;
}

/**
 * Whether `pid` is the postmaster of this data directory. A pid file that outlived a power cut names
 * a pid that may belong to anything by now, so it is asked what it does before it is sent a signal.
 */
export function isPostmasterOf(pid: number, dataDirectory: string): boolean {
  if (processIdentity(pid) === null) return false;
  if (process.platform !== "linux") return ps(pid, "command=").includes(dataDirectory);
  try {
    // A postmaster works inside its data directory, and the kernel follows renames of it.
    return readlinkSync(`/proc/${pid}/cwd`) === dataDirectory;
  } catch {
    return false;
  }
}

function linuxIdentity(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold spaces and brackets itself.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const startedAtTick = fields[18];
    return `${bootId()}/${pid}/${startedAtTick}`;
  } catch {
    return null;
  }
}

/** Start ticks count from the boot, so after another boot they could be the same by chance. */
function bootId(): string {
  const path = "/proc/sys/kernel/random/boot_id";
  return existsSync(path) ? readFileSync(path, "utf8").trim() : "boot";
}

function psIdentity(pid: number): string | null {
  const line = ps(pid, "stat=,lstart=").trim();
  return line === "" || line.startsWith("Z") ? null : `${pid}/${line.replace(/^\S+\s+/, "")}`;
}

function ps(pid: number, columns: string): string {
  try {
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    return execFileSync("ps", ["-ww", "-o", columns, "-p", String(pid)], {
      encoding: "utf8",
      env,
      stdio: "pipe",
    });
  } catch {
    return "";
  }
}
