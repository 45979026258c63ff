import { chmodSync, constants, copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { placeFile } from "./server-files.ts";
import { giveTo, type ServerUser } from "./server-user.ts";
import { asSuperuser } from "./superuser.ts";

/** What the server makes anew at its start, or would take for its own: the directories are copied, and nothing that is in them. */
const LEFT_EMPTY: ReadonlySet<string> = new Set([
  "pg_dynshmem",
  "pg_notify",
  "pg_replslot",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_wal",
]);
const LEFT_OUT = /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|t\d+_.*)$/;

/**
 * Copies a running server's data directory, as pg_basebackup would; the embedded binaries have none. The write-ahead log
 * is not copied: a standby streams it from where the backup began.
 *
 * @param url of the server, as its superuser; PostgreSQL 15 or later.
 * @param from its data directory, on this machine.
 * @param to a directory that does not exist.
 */
export async function copyRunningCluster(
  url: string,
  from: string,
  to: string,
  user: ServerUser,
): Promise<void> {
  // The session that begins a backup has to end it: the server gives up the backup of one that has gone.
  await asSuperuser(url, async (client) => {
    await client.query("select pg_backup_start('standby', true)");
    copyTree(from, to, user);
    const { rows } = await client.query<{ labelfile: string }>(
      "select labelfile from pg_backup_stop(wait_for_archive => false)",
    );
    placeFile(join(to, "backup_label"), rows[0]?.labelfile ?? "", user);
  });
}

function copyTree(from: string, to: string, user: ServerUser): void {
  mkdirSync(to);
  chmodSync(to, 0o700);
  giveTo(user, to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (LEFT_OUT.test(entry.name)) continue;
    if (LEFT_EMPTY.has(entry.name)) {
      mkdirSync(target);
      chmodSync(target, 0o700);
      giveTo(user, target);
    } else if (entry.isDirectory()) copyTree(source, target, user);
    else if (entry.isFile() && copyIfThere(source, target)) {
      chmodSync(target, 0o600);
      giveTo(user, target);
    }
  }
}

/** A table that is dropped meanwhile takes its files with it; replay drops it too. */
function copyIfThere(source: string, target: string): boolean {
  try {
    copyFileSync(source, target, constants.COPYFILE_FICLONE);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
