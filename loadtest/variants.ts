import type { Portal } from "@openhouse/tooling/portals/portals";
import { readPortals } from "@openhouse/tooling/portals/portals";

/** A way to talk to the database, with the portal built on it. */
export interface Variant {
  readonly name: "single" | "plain" | "ours";
  readonly title: string;
  readonly portal: Portal;
  readonly settings: Readonly<Record<string, string>>;
}

/** The tenant portal of this checkout, as it is shipped. */
export function tenantPortal(): Portal {
  const portal = readPortals({ NODE_ENV: "production" }).find(({ name }) => name === "tenant-portal");
  if (portal === undefined) throw new Error("there is no tenant portal");
  return portal;
}

export function oursOn(portal: Portal): Variant {
  return { name: "ours", title: "ours", portal, settings: {} };
}

export function singleOn(portal: Portal): Variant {
  return { name: "single", title: "one client", portal, settings: { DB_USE_SINGLE_CLIENT: "true" } };
}

export function plainOn(portal: Portal): Variant {
  return { name: "plain", title: "drizzle(pg.Pool)", portal, settings: {} };
}
