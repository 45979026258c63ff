import { createHmac } from "node:crypto";
import type pg from "pg";

/** The setting that policies read, through `guard.current_tenant`. */
export const TENANT_SETTING = "app.tenant";

/** How long a token is taken by the database, in seconds; what is signed anew this long before its end. */
const BOUND = { lifetimeS: 900, renewBeforeS: 300 };
/** Of tokens that any connection may use: shorter, as one that was seen is worth more. */
const UNBOUND = { lifetimeS: 60, renewBeforeS: 30 };
/** What stands in the place of the backend in such a token. */
const ANY_BACKEND = "*";
/** Tokens that are remembered; beyond that the oldest goes. */
const MAX_KEPT = 10_000;

/** What a token is good for: one connection to one backend, or, weaker, any. */
export type TokenBinding = "backend" | "none";

export interface SigningSettings {
  readonly signingKey: string;
  /** @default "backend" */
  readonly tokenBinding?: TokenBinding;
}

interface Kept {
  readonly token: string;
  readonly renewAtMs: number;
}

/**
 * Makes the tokens by which the database knows a tenant: `tenant.backend.expiry.signature`, the last one an HMAC-SHA256 in hex
 * of what stands before it, checked by `guard.current_tenant` with a key that the portals' role cannot read. Whoever gets to run
 * SQL of his own as one tenant has that tenant's token, and cannot make another's.
 */
export class TenantTokens {
  readonly #key: string;
  readonly #binding: TokenBinding;
  readonly #kept = new Map<string, Kept>();

  constructor({ signingKey, tokenBinding = "backend" }: SigningSettings) {
    this.#key = signingKey;
    this.#binding = tokenBinding;
  }

  /** @param backendPid of the connection that the token is sent on. */
  tokenFor(tenantId: string, backendPid: number): string {
    const holder = `${tenantId}.${this.#binding === "backend" ? backendPid : ANY_BACKEND}`;
    const nowMs = Date.now();
    const kept = this.#kept.get(holder);
    if (kept !== undefined && nowMs < kept.renewAtMs) return kept.token;
    const { lifetimeS, renewBeforeS } = this.#binding === "backend" ? BOUND : UNBOUND;
    const expiry = Math.floor(nowMs / 1000) + lifetimeS;
    const token = this.#sign(`${holder}.${expiry}`);
    this.#keep(holder, { token, renewAtMs: (expiry - renewBeforeS) * 1000 });
    return token;
  }

  #sign(body: string): string {
    return `${body}.${createHmac("sha256", this.#key).update(body).digest("hex")}`;
  }

  #keep(holder: string, kept: Kept): void {
    this.#kept.delete(holder); // so that it is the youngest again
    this.#kept.set(holder, kept);
    if (this.#kept.size <= MAX_KEPT) return;
    for (const oldest of this.#kept.keys()) return void this.#kept.delete(oldest);
  }
}

/** A tenant's token for a connection that is no pool's: of the seed, a tool, a test. */
export function tenantToken(client: pg.ClientBase, tenantId: string, signing: SigningSettings): string {
  return new TenantTokens(signing).tokenFor(tenantId, Number(Reflect.get(client, "processID")));
}

/** Makes the rest of a transaction the tenant's, on a connection that is no pool's. */
export async function actAsTenant(
  client: pg.ClientBase,
  tenantId: string,
  signing: SigningSettings,
): Promise<void> {
  await client.query("select pg_catalog.set_config($1, $2, true)", [
    TENANT_SETTING,
    tenantToken(client, tenantId, signing),
  ]);
}
