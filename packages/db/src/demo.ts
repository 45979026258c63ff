import { databaseSettings } from "./env.ts";
import { seedId } from "./seed-data/deterministic.ts";
import { type DatabasePlace, isOnThisMachine } from "./this-machine.ts";

/** The slugs of the demo's companies, whose staff have passwords and whose homeowners have codes that everybody can read here. */
export const DEMO_COMPANIES = ["harbour-vale", "northgate-living"] as const;

const DEMO_TENANTS: ReadonlySet<string> = new Set(DEMO_COMPANIES.map(seedId));

/** Where a portal runs. */
export interface Deployment {
  readonly nodeEnv: string | undefined;
  readonly database: DatabasePlace;
}

/**
 * Whether nobody comes in as this tenant: the demo's companies, which have the same ids everywhere, in production where a
 * server of the database is not this machine's. However they got there, their passwords are public.
 */
export function isRefusedDemo(tenantId: string, deployment: () => Deployment = thisDeployment): boolean {
  if (!DEMO_TENANTS.has(tenantId)) return false;
  const where = deployment();
  return where.nodeEnv === "production" && !isOnThisMachine(where.database);
}

function thisDeployment(): Deployment {
  return {
    nodeEnv: process.env.NODE_ENV,
    get database() {
      return databaseSettings().options;
    },
  };
}
