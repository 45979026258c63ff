import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "@openhouse/pool-testing";
import { CheckoutTree } from "@openhouse/tooling/portals/checkout-tree";
import { type Portal, portalNamed } from "@openhouse/tooling/portals/portals";

const PLAIN_POOL = fileURLToPath(new URL("./plain-pool.ts", import.meta.url));

/** What stays the product's: lifecycle, settings, names of an earlier system. The explicit names hide those of the star. */
const CLIENT = `export * from "./product-client.ts";
export {
  closePool,
  db,
  dbForStrangers,
  dbInBackground,
  disconnect,
  forTenant,
  forTenantAsStranger,
  forTenantInBackground,
  getBackgroundStats,
  getDatabaseResources,
  getPoolStats,
  getStrangersStats,
  healthCheck,
  withClient,
  withRetry,
} from "./plain-pool.ts";
`;

/** A copy of the checkout whose portals talk to the database through drizzle(pg.Pool). */
export class PlainPoolCheckout {
  readonly #tree = new CheckoutTree(repositoryRoot(), "openhouse-plain-pool-");

  constructor() {
    const database = join(this.#tree.directory, "packages", "db", "src");
    renameSync(join(database, "client.ts"), join(database, "product-client.ts"));
    copyFileSync(PLAIN_POOL, join(database, "plain-pool.ts"));
    writeFileSync(join(database, "client.ts"), CLIENT);
  }

  get portal(): Portal {
    return {
      ...portalNamed("tenant-portal"),
      directory: join(this.#tree.directory, "apps", "tenant-portal"),
    };
  }

  remove(): void {
    this.#tree.remove();
  }
}
