import { hkdfSync, randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { environment } from "./env.ts";
import { weaknessOf } from "./weak-secret.ts";

const MINIMUM_LENGTH = 32;
const FILE_NAME = ".auth-secret";

/** `AUTH_SECRET` is missing, too short, or in production easily guessed. */
export class AuthSecretError extends Error {
  readonly code = "AUTH_SECRET";

  constructor(fault: string) {
    super(`${fault} Make one with: openssl rand -base64 48`);
    this.name = "AuthSecretError";
  }
}

let known: { text: string; bytes: Uint8Array; directoryKey: Uint8Array } | undefined;
/** Of `.env`: read once, as it is asked for at every request. */
let fromFile: string | undefined;

/**
 * The portals' secret: `AUTH_SECRET`, of at least 32 characters. It signs the session cookies, and the directory's
 * hashes are made with a key of it. In development one is made at the first use and kept in `.auth-secret` at the
 * repository's root, so that sessions survive restarts. Read at the first use, never at import: `next build` needs none.
 *
 * @throws {AuthSecretError} it is too short; in production also where it is missing, or easily guessed.
 */
export function authSecret(): Uint8Array {
  return keys().bytes;
}

/**
 * What the hashes of `tenant_directory` are made with. The database does not know it: with SQL alone nobody finds out
 * where somebody works.
 *
 * @throws {AuthSecretError} as {@link authSecret}.
 */
export function directoryKey(): Uint8Array {
  return keys().directoryKey;
}

function keys() {
  const text = configuredSecret() || developmentSecret();
  if (known?.text !== text) {
    const bytes = new TextEncoder().encode(checked(text));
    const directoryKey = new Uint8Array(hkdfSync("sha256", bytes, "", "openhouse tenant directory", 32));
    known = { text, bytes, directoryKey };
  }
  return known;
}

function configuredSecret(): string {
  if (process.env.AUTH_SECRET !== undefined) return process.env.AUTH_SECRET;
  fromFile ??= environment().AUTH_SECRET ?? "";
  return fromFile;
}

function checked(secret: string): string {
  if (secret.length < MINIMUM_LENGTH)
    throw new AuthSecretError(
      `AUTH_SECRET must have at least ${MINIMUM_LENGTH} characters, got ${secret.length}.`,
    );
  const weakness = process.env.NODE_ENV === "production" ? weaknessOf(secret) : undefined;
  if (weakness !== undefined) throw new AuthSecretError(`AUTH_SECRET ${weakness}.`);
  return secret;
}

function developmentSecret(): string {
  if (process.env.NODE_ENV === "production") {
    throw new AuthSecretError("AUTH_SECRET is required in production and is not set.");
  }
  return readOrMakeSecret(repositoryRoot());
}

/**
 * Reads the secret kept in `directory`, or makes it, readable by its owner only.
 * Two portals that start at once agree on one: the file appears under its name complete, and only once.
 */
export function readOrMakeSecret(directory: string): string {
  const file = join(directory, FILE_NAME);
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
    writeFileSync(draft, randomBytes(48).toString("base64url"), { mode: 0o600, flag: "wx" });
    try {
      linkSync(draft, file);
    } catch (error) {
      if (!existsSync(file)) throw error;
    } finally {
      unlinkSync(draft);
    }
  }
  return readFileSync(file, "utf8").trim();
}

/** npm runs a portal's scripts in the portal's directory; the root is where package-lock.json is. */
function repositoryRoot(): string {
  const start = process.cwd();
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package-lock.json"))) return directory;
    if (directory === dirname(directory)) return start;
  }
}
