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

/** What keys are made for. Each use has its own, so that what one of them gives away opens nothing else. */
export type KeyUse =
  | "session tokens"
  | "second steps"
  | "counted attempts"
  | "second factors"
  | "security log"
  | "staff links"
  | "known device"
  | "sign-in links"
  | "read position";

interface Keys {
  /** The secrets that they are made of. */
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly directoryKey: Uint8Array;
  /** The key of now, then the one before, as far as they were asked for. */
  readonly derived: Map<KeyUse, readonly [Uint8Array, ...Uint8Array[]]>;
  readonly secrets: readonly [Uint8Array, ...Uint8Array[]];
}

let known: Keys | undefined;
/** Of `.env`: read once, as it is asked for at every request. */
let fromFile: Record<string, string | undefined> | undefined;

/**
 * The portals' secret: `AUTH_SECRET`, of at least 32 characters. Nothing is signed with it: keys are made of it, one for each
 * use. In development one is made at the first use and kept in `.auth-secret` at the repository's root, so that sessions survive restarts. Read at the first use, never at import: `next build` needs none.
 *
 * @throws {AuthSecretError} it, or `AUTH_SECRET_PREVIOUS`, is too short; in production also where it is missing, or easily guessed.
 */
export function authSecret(): Uint8Array {
  return keys().bytes;
}

/**
 * The key that something new is made with.
 *
 * @throws {AuthSecretError} as {@link authSecret}.
 */
export const keyFor = (use: KeyUse): Uint8Array => keysFor(use)[0];

/**
 * The keys that something may have been made with: that of now, and that of `AUTH_SECRET_PREVIOUS` while the secret is changed.
 *
 * @throws {AuthSecretError} as {@link authSecret}.
 */
export function keysFor(use: KeyUse): readonly [Uint8Array, ...Uint8Array[]] {
  const { derived, secrets } = keys();
  const found = derived.get(use);
  if (found !== undefined) return found;
  const [current, ...previous] = secrets;
  const made = [derive(current, use), ...previous.map((secret) => derive(secret, use))] as const;
  derived.set(use, made);
  return made;
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

function keys(): Keys {
  const current = configured("AUTH_SECRET") || developmentSecret();
  const previous = configured("AUTH_SECRET_PREVIOUS");
  const text = `${current}\0${previous}`;
  if (known?.text !== text) {
    const bytes = checked("AUTH_SECRET", current);
    const secrets = [bytes, ...(previous === "" ? [] : [checked("AUTH_SECRET_PREVIOUS", previous)])] as const;
    const directoryKey = derive(bytes, "tenant directory");
    known = { text, bytes, directoryKey, secrets, derived: new Map() };
  }
  return known;
}

const derive = (secret: Uint8Array, use: KeyUse | "tenant directory"): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, "", `openhouse ${use}`, 32));

function configured(name: "AUTH_SECRET" | "AUTH_SECRET_PREVIOUS"): string {
  const own = process.env[name];
  if (own !== undefined) return own;
  fromFile ??= environment();
  return fromFile[name] ?? "";
}

function checked(name: string, secret: string): Uint8Array {
  if (secret.length < MINIMUM_LENGTH)
    throw new AuthSecretError(
      `${name} must have at least ${MINIMUM_LENGTH} characters, got ${secret.length}.`,
    );
  const weakness = process.env.NODE_ENV === "production" ? weaknessOf(secret) : undefined;
  if (weakness !== undefined) throw new AuthSecretError(`${name} ${weakness}.`);
  return new TextEncoder().encode(secret);
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
