import {
  asSuperuser,
  type EmbeddedPostgres,
  type FaultProxy,
  startFaultProxy,
} from "@openhouse/pool-testing";
import { createMigratedDatabase, onServer } from "@openhouse/tooling/measure/database";

export const APP_ROLE = "openhouse_soak";
export const MAX = 10;
/** Time checked out after which a connection is reported as leaked, in milliseconds. */
export const LEAK_MS = 1_000;

/** The server under load, and what stands between it and the load. */
export interface SoakEnvironment {
  readonly server: EmbeddedPostgres;
  readonly proxy: FaultProxy;
  /** Of the database under load, as the server's superuser, past the proxy. */
  readonly superuserUrl: string;
  readonly tenantIds: readonly string[];
  stop(): Promise<void>;
}

/** Starts a server with a migrated database and a ledger in it, and points the client's settings at it, through the proxy. */
export function openEnvironment(): Promise<SoakEnvironment> {
  // A killed server loses what the kernel had not been given: acknowledged writes are to be safe from that.
  const settings = { max_connections: "60", synchronous_commit: "on", full_page_writes: "on" };
  return onServer({ name: "soak", settings }, async (server) => {
    const { superuserUrl, appUrl } = await createMigratedDatabase(server.url, "soak", APP_ROLE);
    const tenantIds = await asSuperuser(superuserUrl, async (client) => {
      await client.query(LEDGER);
      return (await client.query<{ tenant_id: string }>(TENANTS)).rows.map(({ tenant_id }) => tenant_id);
    });
    const proxy = await startFaultProxy({ host: server.host, port: server.port });
    Object.assign(process.env, {
      DATABASE_URL: proxy.url(appUrl),
      DB_POOL_MAX: String(MAX),
      DB_QUERY_TIMEOUT_MS: "1500",
      DB_POOL_CONN_TIMEOUT_MS: "8000",
      DB_POOL_LEAK_MS: String(LEAK_MS),
    });
    const stop = async () => {
      await proxy.close();
      await server.stop("immediate");
    };
    return { server, proxy, superuserUrl, tenantIds, stop };
  });
}

const LEDGER = `
  create table soak_ledger (tenant_id uuid not null default guard.tenant(), key int not null, tenant int not null);
  alter table soak_ledger enable row level security;
  alter table soak_ledger force row level security;
  create policy own on soak_ledger using (tenant_id = (select tenant from guard.current_tenant));
  create index on soak_ledger (tenant_id, key);
  create table soak_shapes (id int);
  insert into soak_shapes values (1);
  grant select, insert on soak_ledger, soak_shapes to ${APP_ROLE}`;

const TENANTS = `insert into tenants (tenant_id, name, slug) select gen_random_uuid(), 'Soak ' || n, 'soak-' || n from generate_series(1, 5) as n returning tenant_id`;
