import { execFileSync } from "node:child_process";
import { chownSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { EmbeddedPostgresError } from "./embedded-error.ts";

/** The OS user that the server runs as. `null`: the user we are. */
export type ServerUser = { readonly name: string; readonly uid: number; readonly gid: number } | null;

/**
 * Postgres refuses to run as root, so root lends it another user: `postgres` where there is one,
 * else `nobody`. Everybody else runs it as themselves.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_SERVER_USER`: root, and neither user exists.
 */
export function serverUser(candidates: readonly string[] = ["postgres", "nobody"]): ServerUser {
  if (process.getuid?.() !== 0) return null;
  for (const name of candidates) {
    const uid = idOf("-u", name);
    const gid = idOf("-g", name);
    if (uid !== null && gid !== null) return { name, uid, gid };
  }
  throw new EmbeddedPostgresError(
    "POSTGRES_SERVER_USER",
    "Postgres does not run as root, and this machine has neither an OS user `postgres` nor `nobody` to run it as. " +
      "Make one (useradd --system postgres), run as an ordinary user, or use a server that is there (in OpenHouse: set DATABASE_URL).",
  );
}

/** What `spawn` takes to run a program as that user. */
export function spawnIdentity(user: ServerUser): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

/** Hands a file or directory to the server. */
export function giveTo(user: ServerUser, path: string): void {
  if (user !== null) chownSync(path, user.uid, user.gid);
}

/**
 * Says early and in words what would else be an EACCES from `spawn`: the server's user must be able
 * to enter every directory on the way.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_DIRECTORY`: it cannot enter one of them.
 */
export function assertCanEnter(user: ServerUser, directory: string): void {
  if (user === null) return;
  for (let path = directory; ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) {
      throw new EmbeddedPostgresError(
        "POSTGRES_DIRECTORY",
        `Postgres runs as the OS user \`${user.name}\`, which cannot enter ${path} ` +
          `(mode ${(mode & 0o777).toString(8)}). Put the server's files where others may enter, such as under /var/lib, with EMBEDDED_POSTGRES_DIR.`,
      );
    }
    if (path === dirname(path)) return;
  }
}

function idOf(option: "-u" | "-g", name: string): number | null {
  try {
    const id = Number(execFileSync("id", [option, name], { encoding: "utf8", stdio: "pipe" }));
    return Number.isInteger(id) ? id : null;
  } catch {
    return null;
  }
}
