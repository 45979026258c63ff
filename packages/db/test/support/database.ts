import { createTestDatabase } from "@openhouse/pool-testing";
import type pg from "pg";
import { APP, as, OWNER, templateName, withServer } from "./template.ts";

export interface TenantDatabase {
  name: string;
  /** The role that owns the tables; no superuser. */
  ownerUrl: string;
  /** The role that the portals use. */
  appUrl: string;
  /** Sees everything: for looking behind the scenes only. */
  superuserUrl: string;
  /** Removes the database; fails where connections to it were left open. */
  drop(): Promise<void>;
}

/** A migrated and seeded database of one's own. */
export async function createTenantDatabase(): Promise<TenantDatabase> {
  const { name, url, drop } = await createTestDatabase({ template: templateName() });
  await withServer(url, (server) => server.query(`alter database ${name} owner to ${OWNER.name}`));
  return { name, ownerUrl: as(OWNER, url), appUrl: as(APP, url), superuserUrl: url, drop };
}

/** An empty database whose owner is no superuser; `app` may name a role that does not exist yet. */
export async function createEmptyDatabase(app = APP): Promise<TenantDatabase> {
  const { name, url, drop } = await createTestDatabase();
  await withServer(url, (server) => server.query(`alter database ${name} owner to ${OWNER.name}`));
  return { name, ownerUrl: as(OWNER, url), appUrl: as(app, url), superuserUrl: url, drop };
}

/** Takes the grants away as a wall, where it is to be seen that row-level security alone holds. */
export async function allowEverything(superuser: pg.Client): Promise<void> {
  await superuser.query(`grant select, insert, update, delete on all tables in schema public to ${APP.name}`);
}
