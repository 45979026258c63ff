import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

/** What was measured, and on what: names and values, as a table has them. */
export type Machine = Readonly<Record<string, string>>;

/** @param shared who shares the processor: "server and client". */
export function describeMachine(shared: string, more: Machine): Machine {
  return {
    processor: `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores for ${shared} together`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GB`,
    system: `${platform()} ${release()}`,
    "load at the start": loadavg()
      .map((each) => each.toFixed(2))
      .join(" "),
    commit: commit(),
    Node: process.version,
    ...more,
  };
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const edited = git("status", "--porcelain", "--", ":/packages", ":/apps") === "" ? "" : ", edited since";
    return git("rev-parse", "--short", "HEAD") + edited;
  } catch {
    return "unknown";
  }
}
