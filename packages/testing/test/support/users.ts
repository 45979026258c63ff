import { execFileSync } from "node:child_process";

/** Who runs a launcher: we, or an ordinary user whom root lends the process to. */
export type UserName = "ourselves" | "nobody";

/** Root tries both; an ordinary user cannot become another. */
export const USERS: readonly UserName[] = process.getuid?.() === 0 ? ["ourselves", "nobody"] : ["ourselves"];

export const WE_ARE_ROOT = process.getuid?.() === 0;

/** What `spawn` takes to run as that user. */
export function idsOf(user: UserName): { uid?: number; gid?: number } {
  if (user === "ourselves") return {};
  const id = (option: string) => Number(execFileSync("id", [option, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
