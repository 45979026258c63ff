import { createHash } from "node:crypto";
import type pg from "pg";

const BLOCK_SIZE = 64;

export interface KeepKeyOptions {
  /** Ends the validity of every other key. @default false */
  dropPrevious?: boolean | undefined;
}

/**
 * Lets the database check what is signed with this key. A new one takes the first place, and the one that was there stays
 * valid in the second until it is dropped, or yet another one comes.
 *
 * @param owner the role that owns the tables: no other may read the keys.
 * @returns what was done, for the log.
 */
export async function keepSigningKey(
  owner: pg.Client,
  signingKey: string,
  { dropPrevious = false }: KeepKeyOptions = {},
): Promise<string> {
  const pads = [padOf(signingKey, 0x36), padOf(signingKey, 0x5c)];
  await owner.query("begin");
  try {
    const known = await owner.query(
      "select from guard.key where ipad operator(pg_catalog.=) $1 and opad operator(pg_catalog.=) $2",
      pads,
    );
    if (known.rowCount === 0) {
      await owner.query("delete from guard.key where place operator(pg_catalog.=) 2");
      await owner.query("update guard.key set place = 2");
      await owner.query("insert into guard.key (place, ipad, opad) values (1, $1, $2)", pads);
    }
    if (dropPrevious) {
      await owner.query(
        "delete from guard.key where ipad operator(pg_catalog.<>) $1 or opad operator(pg_catalog.<>) $2",
        pads,
      );
      await owner.query("update guard.key set place = 1");
    }
    const { rowCount: valid } = await owner.query("select from guard.key");
    await owner.query("commit");
    const what = known.rowCount === 0 ? "the signing key was added" : "the signing key is known";
    return valid === 1 ? what : `${what}, another one is valid as well`;
  } catch (error) {
    await owner.query("rollback");
    throw error;
  }
}

/** The key as HMAC mixes it into its two hashes (RFC 2104): with both at hand a check is two of Postgres' own sha256(). */
function padOf(key: string, byte: 0x36 | 0x5c): Buffer {
  const bytes = Buffer.from(key);
  const short = bytes.length > BLOCK_SIZE ? createHash("sha256").update(bytes).digest() : bytes;
  const pad = Buffer.alloc(BLOCK_SIZE, byte);
  for (const [index, each] of short.entries()) pad[index] = each ^ byte;
  return pad;
}
