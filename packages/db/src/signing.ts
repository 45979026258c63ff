import { readUrls } from "./connection.ts";
import type { SigningSettings } from "./tenant-token.ts";

export { actAsTenant, type SigningSettings, TenantTokens, tenantToken } from "./tenant-token.ts";

/**
 * What signs tenants' tokens for a database: for tools that have a connection of their own, or start a portal.
 *
 * @throws {PoolConfigError} the URL is wrong, or there is no key.
 */
export function signingFor(appUrl: string): SigningSettings {
  return readUrls({ appUrl }).signing;
}
