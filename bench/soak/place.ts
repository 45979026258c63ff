import { migrate } from "@openhouse/db/migrate";
import {
  asSuperuser,
  type EmbeddedPostgres,
  type FaultProxy,
  startEmbeddedPostgres,
  startFaultProxy,
  withDatabase,
} from "@openhouse/pool-testing";

export const APP_ROLE = "openhouse_soak";
const DATABASE = "soak";
export const MAX = 10;
/** Longest that a statement may run, that a caller waits, and that a client is held unremarked, in milliseconds. */
export const QUERY_TIMEOUT_MS = 1_500;
export const ACQUIRE_TIMEOUT_MS = 8_000;
export const LEAK_MS = 1_000;

/** The server under load, and what stands between it and the load. */
export interface Place {
  readonly server: EmbeddedPostgres;
  readonly proxy: FaultProxy;
  /** Of the database under load, as the server's superuser, past the proxy. */
  readonly superuserUrl: string;
  readonly tenantIds: readonly string[];
  stop(): Promise<void>;
}

/** Starts a server with a migrated database and a ledger in it, and points the client's settings at it, through the proxy. */
export async function openPlace(): Promise<Place> {
  // A killed server loses what the kernel had not been given: acknowledged writes are to be safe from that.
  const settings = { max_connections: "60", synchronous_commit: "on", full_page_writes: "on" };
  const server = await startEmbeddedPostgres({ name: "soak", settings, log: () => {} });
  try {
    await asSuperuser(server.url, (client) => client.query(`create database ${DATABASE}`));
    const superuserUrl = withDatabase(server.url, DATABASE);
    const appUrl = new URL(superuserUrl);
    appUrl.username = APP_ROLE;
    appUrl.password = "only-on-loopback";
    await migrate({ ownerUrl: superuserUrl, appUrl: appUrl.href });
    const tenantIds = await asSuperuser(superuserUrl, async (client) => {
      await client.query(LEDGER);
      const { rows } = await client.query<{ tenant_id: string }>(TENANTS);
      return rows.map(({ tenant_id }) => tenant_id);
    });
    const proxy = await startFaultProxy({ host: server.host, port: server.port });
    Object.assign(process.env, {
      DATABASE_URL: proxy.url(appUrl.href),
      DB_POOL_MAX: String(MAX),
      DB_QUERY_TIMEOUT_MS: String(QUERY_TIMEOUT_MS),
      DB_POOL_CONN_TIMEOUT_MS: String(ACQUIRE_TIMEOUT_MS),
      DB_POOL_LEAK_MS: String(LEAK_MS),
    });
    const stop = async () => {
      await proxy.close();
      await server.stop("immediate");
    };
    return { server, proxy, superuserUrl, tenantIds, stop };
  } catch (error) {
    await server.stop("immediate");
    throw error;
  }
}

const LEDGER = `
  create table soak_ledger (tenant_id uuid not null default nullif(current_setting('app.tenant_id', true), '')::uuid, key int not null, tenant int not null);
  alter table soak_ledger enable row level security;
  alter table soak_ledger force row level security;
  create policy own on soak_ledger using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
  create index on soak_ledger (tenant_id, key);
  create table soak_shapes (id int);
  insert into soak_shapes values (1);
  grant select, insert on soak_ledger, soak_shapes to ${APP_ROLE}`;

const TENANTS = `insert into tenants (tenant_id, name, slug) select gen_random_uuid(), 'Soak ' || n, 'soak-' || n from generate_series(1, 5) as n returning tenant_id`;
