import { hkdfSync } from "node:crypto";
import type { SigningSettings } from "./tenant-token.ts";
import { type DatabasePlace, isOnThisMachine } from "./this-machine.ts";
import { weaknessOf } from "./weak-secret.ts";

const MINIMUM_LENGTH = 32;
const HOW_TO_MAKE_ONE = "make one with: openssl rand -base64 48";
interface Environment {
  readonly [name: string]: string | undefined;
}

/** What is needed to know of DATABASE_URL. */
interface AppConnection extends DatabasePlace {
  readonly password?: string | (() => string) | undefined;
}

/**
 * Reads TENANT_SIGNING_KEY and TENANT_TOKEN_BINDING. Where there is no key, the password of a server on this machine stands in
 * for it outside of production, so that development, tests and their many processes agree on one.
 *
 * @param app undefined where DATABASE_URL is wrong itself.
 */
export function readSigning(
  env: Environment,
  app: AppConnection | undefined,
): { signing?: SigningSettings; faults: readonly string[] } {
  const { TENANT_SIGNING_KEY: key, TENANT_TOKEN_BINDING: binding, NODE_ENV } = env;
  const faults: string[] = [];
  let signingKey = key || undefined;
  if (signingKey !== undefined) {
    if (signingKey.length < MINIMUM_LENGTH) {
      faults.push(
        `TENANT_SIGNING_KEY has ${signingKey.length} characters; it must have at least ${MINIMUM_LENGTH}, ${HOW_TO_MAKE_ONE}`,
      );
    } else {
      const weakness = NODE_ENV === "production" ? weaknessOf(signingKey) : undefined;
      if (weakness !== undefined) faults.push(`TENANT_SIGNING_KEY ${weakness}, ${HOW_TO_MAKE_ONE}`);
    }
  } else if (NODE_ENV === "production") {
    faults.push(
      `TENANT_SIGNING_KEY is not set; it must be the key that \`npm run db:migrate\` was given, ${HOW_TO_MAKE_ONE}`,
    );
  } else if (app !== undefined) {
    signingKey = standInKey(app);
    if (signingKey === undefined) {
      faults.push(
        "TENANT_SIGNING_KEY is not set, and nothing can stand in for it but a password in DATABASE_URL, of a server on " +
          `this machine; ${HOW_TO_MAKE_ONE}`,
      );
    }
  }
  if (binding !== undefined && binding !== "backend" && binding !== "none")
    faults.push("TENANT_TOKEN_BINDING must be backend or none, for example TENANT_TOKEN_BINDING=backend");
  if (faults.length > 0 || signingKey === undefined) return { faults };
  return { signing: { signingKey, tokenBinding: binding === "none" ? "none" : "backend" }, faults };
}

/** Not as good as a key of its own: whoever knows the password has both. */
function standInKey(app: AppConnection): string | undefined {
  const { password } = app;
  // One of a file may be rotated, and this key with it.
  if (typeof password !== "string" || password === "" || !isOnThisMachine(app)) return undefined;
  return Buffer.from(hkdfSync("sha256", password, "", "openhouse tenant signing key", 32)).toString("base64");
}
