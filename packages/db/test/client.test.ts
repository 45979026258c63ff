import { inspect } from "node:util";
import {
  AcquireTimeoutError,
  Client,
  NestedAcquireError,
  PoolClosedError,
  PoolConfigError,
  TenantIdError,
  UnsafeRoleError,
} from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  closePool,
  databaseSettings,
  db,
  disconnect,
  forTenant,
  getDatabaseResources,
  getPoolStats,
  healthCheck,
  withClient,
  withDbCleanup,
  withRetry,
} from "../src/client.ts";
import { developments } from "../src/schema/index.ts";
import { createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { testSigning, tokenOf } from "./support/tenants.ts";

let database: TenantDatabase;
let server: pg.Client;

beforeAll(async () => {
  database = await createTenantDatabase();
  server = new pg.Client({ connectionString: database.superuserUrl });
  await server.connect();
});
beforeEach(() => {
  vi.stubEnv("DATABASE_URL", database.appUrl);
  vi.stubEnv("DB_POOL_MAX", "4");
});
afterEach(async () => {
  await disconnect({ timeoutMs: 1_000 });
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await server.end();
  await database.drop();
});

async function tenantIds(): Promise<[string, string]> {
  const { rows } = await server.query<{ tenant_id: string }>("select tenant_id from tenants order by slug");
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error("the seed has two tenants");
  return [first.tenant_id, second.tenant_id];
}

/** Backends of the portals' role in this database. */
async function backends(): Promise<number[]> {
  const { rows } = await server.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
  );
  return rows.map(({ pid }) => pid);
}

describe("db and forTenant", () => {
  test("db sees no tenant's rows; forTenant sees its own, in every form of query", async () => {
    const [first, second] = await tenantIds();
    expect(await db.select().from(developments)).toEqual([]);
    for (const tenantId of [first, second]) {
      const tenant = forTenant(tenantId);
      const selected = await tenant.select().from(developments);
      expect(selected.length).toBeGreaterThan(0);
      expect(new Set(selected.map((row) => row.tenantId))).toEqual(new Set([tenantId]));
      expect(await tenant.query.developments.findMany()).toHaveLength(selected.length);
      expect(await tenant.$count(developments)).toBe(selected.length);
      expect(await tenant.transaction((tx) => tx.$count(developments))).toBe(selected.length);
    }
  });

  test("who acts is told along with the tenant, and is gone with the statement", async () => {
    const [tenantId] = await tenantIds();
    const who = sql`select guard.tenant() as tenant,
      nullif(current_setting('app.user_id', true), '') as "user", nullif(current_setting('app.role', true), '') as role`;
    const actor = { userId: "u-1", role: "staff" };
    const told = { tenant: tenantId, user: "u-1", role: "staff" };
    expect((await forTenant(tenantId, actor).execute(who)).rows).toEqual([told]);
    expect((await forTenant(tenantId, actor).transaction((tx) => tx.execute(who))).rows).toEqual([told]);
    expect((await forTenant(tenantId).execute(who)).rows).toEqual([
      { tenant: tenantId, user: null, role: null },
    ]);
    expect((await db.execute(who)).rows).toEqual([{ tenant: null, user: null, role: null }]);
  });

  test("tenants that query at the same time do not meet", async () => {
    const ids = await tenantIds();
    const asked = Array.from({ length: 40 }, (_, index) => ids[index % 2] ?? "");
    const seen = await Promise.all(
      asked.map(async (tenantId) => {
        const rows = await forTenant(tenantId).select({ tenantId: developments.tenantId }).from(developments);
        return rows.every((row) => row.tenantId === tenantId) && rows.length > 0;
      }),
    );
    expect(seen.every(Boolean)).toBe(true);
    expect((await backends()).length).toBeLessThanOrEqual(4);
  });

  test("a tenant id that is no UUID is refused before a connection is taken", () => {
    expect(() => forTenant("acme' or true")).toThrow(TenantIdError);
    expect(getPoolStats().totalCount).toBe(0);
  });
});

describe("withClient", () => {
  test("is known by its caller's place, for reports of leaks and slow statements", async () => {
    const place = await withClient(async (client) =>
      client instanceof Client ? client.holder?.callSite?.location : undefined,
    );
    expect(place).toContain("client.test.ts");
  });

  test("gives what the work returns, and the connection back whatever the work does", async () => {
    expect(await withClient(async (client) => (await client.query("select 1 as one")).rows[0].one)).toBe(1);
    await expect(withClient(() => Promise.reject(new Error("boom")))).rejects.toThrow("boom");
    await waitFor(() => getPoolStats().idleCount === getPoolStats().totalCount, { what: "all to be idle" });
  });

  test("leaves nothing of the session to the next holder", async () => {
    vi.stubEnv("DB_POOL_MAX", "1");
    await withClient(async (client) => {
      await client.query("set search_path to pg_catalog");
      await client.query("select set_config('app.tenant', $1, false)", [
        tokenOf(client, (await tenantIds())[0]),
      ]);
      await client.query("create temporary table left_behind (id int)");
      await client.query("listen news");
      await client.query("select pg_advisory_lock(42)");
      await client.query({ name: "kept", text: "select 1" });
    });
    const after = await withClient(async (client) => {
      await client.query({ name: "kept", text: "select 1" });
      const { rows } =
        await client.query(`select current_setting('search_path') as path, to_regclass('pg_temp.left_behind') as temp,
        (select count(*)::int from pg_listening_channels()) as channels,
        (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`);
      return rows[0];
    });
    expect(after).toEqual({ path: '"$user", public', temp: null, channels: 0, locks: 0 });
    expect(await db.select().from(developments)).toEqual([]);
  });

  test("throws an open transaction away", async () => {
    const [tenantId] = await tenantIds();
    const before = await forTenant(tenantId).$count(developments);
    await withClient(async (client) => {
      await client.query("begin");
      await client.query("select set_config('app.tenant', $1, true)", [tokenOf(client, tenantId)]);
      await client.query("delete from developments");
    }).catch(() => {});
    expect(await forTenant(tenantId).$count(developments)).toBe(before);
  });

  test("stops waiting when its caller does, and the connection is not lost", async () => {
    vi.stubEnv("DB_POOL_MAX", "1");
    const held = await getDatabaseResources().pool.connect();
    await expect(withClient(async () => {}, { timeoutMs: 30 })).rejects.toBeInstanceOf(AcquireTimeoutError);
    await expect(withClient(async () => {}, { signal: AbortSignal.timeout(30) })).rejects.toThrow(/timeout/i);
    held.release();
    expect(await withClient(async () => "served")).toBe("served");
  });
});

describe("an outage", () => {
  test("every connection terminated at once: later statements succeed without a restart", async () => {
    const [tenantId] = await tenantIds();
    await Promise.all(Array.from({ length: 8 }, () => db.execute(sql`select pg_sleep(0.01)`)));
    const pids = await backends();
    expect(pids.length).toBeGreaterThan(0);
    await server.query("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", [pids]);
    await waitFor(async () => !(await backends()).some((pid) => pids.includes(pid)), {
      what: "the backends to go",
    });
    await waitFor(() => forTenant(tenantId).$count(developments), { what: "a statement to succeed" });
    const counts = await Promise.all(
      Array.from({ length: 8 }, () => forTenant(tenantId).$count(developments)),
    );
    expect(new Set(counts).size).toBe(1);
  });

  test("withRetry carries a caller over it", async () => {
    vi.stubEnv("DB_POOL_MAX", "1");
    vi.stubEnv("DB_POOL_CONN_TIMEOUT_MS", "500");
    let tries = 0;
    const work = () => {
      tries++;
      return db.execute(sql`select 1 as one`);
    };
    let holding = false;
    const held = withClient(async () => {
      holding = true;
      await waitFor(() => tries >= 2, { what: "a second try" });
    });
    await waitFor(() => holding, { what: "the client to be held" });
    expect((await withRetry(work)).rows).toEqual([{ one: 1 }]);
    await held;
  });

  test("a caller who waits in vain is told so, by class", async () => {
    vi.stubEnv("DB_POOL_MAX", "1");
    vi.stubEnv("DB_POOL_CONN_TIMEOUT_MS", "500");
    const held = await getDatabaseResources().pool.connect();
    await expect(db.execute(sql`select 1`)).rejects.toMatchObject({ cause: expect.any(AcquireTimeoutError) });
    held.release();
  });

  test("a caller who holds the last connection and asks for another is told at once", async () => {
    vi.stubEnv("DB_POOL_MAX", "1");
    const nested = withClient(() => withClient(async () => "never"));
    await expect(nested).rejects.toBeInstanceOf(NestedAcquireError);
    const inTransaction = db.transaction(() => db.execute(sql`select 1`));
    await expect(inTransaction).rejects.toMatchObject({ code: "NESTED_ACQUIRE" });
    expect(await withClient(async () => "served")).toBe("served");
  });
});

describe("healthCheck", () => {
  test("says healthy, with figures", async () => {
    expect(await healthCheck()).toMatchObject({
      healthy: true,
      status: "healthy",
      latencyMs: expect.any(Number),
      poolStats: { totalCount: expect.any(Number), idleCount: expect.any(Number), waitingCount: 0 },
    });
  });

  test("never throws: not for settings that are wrong", async () => {
    vi.stubEnv("DATABASE_URL", "mysql://somewhere/else");
    expect(await healthCheck()).toMatchObject({ healthy: false, status: "unhealthy", error: "config" });
  });

  test("says draining once the pool closes", async () => {
    await db.execute(sql`select 1`);
    await closePool();
    expect(await healthCheck()).toMatchObject({ status: "draining" });
  });
});

describe("the process's one pool", () => {
  test("is shared by every copy of the module", async () => {
    const { pool, mode } = getDatabaseResources();
    expect(mode).toBe("pool");
    for (let i = 0; i < 3; i++) {
      vi.resetModules();
      const copy = await import("../src/client.ts");
      expect(copy.db).not.toBe(db);
      expect(copy.getDatabaseResources().pool).toBe(pool);
      await copy.db.execute(sql`select 1`);
    }
  });

  test("a changed configuration: new callers get a new pool, the old one ends when its borrowers are done", async () => {
    const { pool: old } = getDatabaseResources();
    const client = await old.connect();
    vi.stubEnv("DB_POOL_MAX", "3");
    vi.resetModules();
    const copy = await import("../src/client.ts");
    const { pool: next } = copy.getDatabaseResources();
    expect(next).not.toBe(old);
    expect((await client.query("select 'still' as served")).rows).toEqual([{ served: "still" }]);
    client.release();
    await waitFor(() => old.totalCount === 0, { what: "the old pool to end" });
    expect(getDatabaseResources().pool).toBe(next);
    await db.execute(sql`select 1`);
  });

  test("tells every fault of the settings at once, and no password", () => {
    vi.stubEnv("DATABASE_URL", "mysql://me:hunter2@db/app");
    vi.stubEnv("DB_POOL_MAX", "abc");
    vi.stubEnv("DB_POOL_CONN_TIMEOUT_MS", "5s");
    const error = (() => {
      try {
        return getDatabaseResources();
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(PoolConfigError);
    for (const name of ["DATABASE_URL", "DB_POOL_MAX", "DB_POOL_CONN_TIMEOUT_MS"])
      expect(String(error)).toContain(name);
    expect(inspect(error)).not.toContain("hunter2");
  });

  test.for(["superuserUrl", "ownerUrl"] as const)(
    "refuses to serve as a role that row-level security cannot hold: %s, and health says so",
    async (role) => {
      vi.stubEnv("DATABASE_URL", database[role]);
      const error: unknown = await db.execute(sql`select 1`).then(
        () => null,
        (caught) => caught,
      );
      expect(error).toMatchObject({ cause: expect.any(UnsafeRoleError) });
      expect(await healthCheck()).toMatchObject({ status: "unhealthy", error: "config", everHealthy: false });
      await waitFor(async () => (await backends()).length === 0, {
        what: "the refused connections to close",
      });
    },
  );

  test("DB_ROLE_CHECK=off serves as any role, and warns; production does not know it", async () => {
    vi.stubEnv("DATABASE_URL", database.ownerUrl);
    vi.stubEnv("DB_ROLE_CHECK", "off");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
    expect(await healthCheck()).toMatchObject({ status: "healthy" });
    expect(warn.mock.calls.join()).toContain("DB_ROLE_CHECK is off");
    vi.stubEnv("NODE_ENV", "production");
    vi.stubEnv("DB_POOL_MAX", "abc");
    expect(databaseSettings).toThrow(/DB_POOL_MAX.*DB_ROLE_CHECK is off; it must be on in production/s);
  });

  test("production starts neither as the role that owns the tables nor with the example's password; all is told at once", () => {
    const url = "postgres://owner:password@db.example.com/openhouse";
    vi.stubEnv("DATABASE_URL", url);
    vi.stubEnv("DATABASE_URL_OWNER", url);
    vi.stubEnv("TENANT_SIGNING_KEY", testSigning().signingKey);
    expect(databaseSettings).not.toThrow();
    vi.stubEnv("NODE_ENV", "production");
    vi.stubEnv("TENANT_SIGNING_KEY", "k".repeat(40));
    expect(databaseSettings).toThrow(
      /TENANT_SIGNING_KEY has only 1.*role of DATABASE_URL_OWNER.*ordinary role.*password of the example/s,
    );
  });
});

describe("closing", () => {
  test("closePool may be called again, refuses newcomers, and leaves no connection", async () => {
    await db.execute(sql`select 1`);
    await healthCheck();
    await Promise.all([closePool(), closePool()]);
    await closePool();
    await expect(db.execute(sql`select 1`)).rejects.toMatchObject({ cause: expect.any(PoolClosedError) });
    await waitFor(async () => (await backends()).length === 0, { what: "the connections to go" });
  });

  test("disconnect lets the next use open the database again", async () => {
    await db.execute(sql`select 1`);
    await disconnect();
    expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
  });
});

describe("withDbCleanup", () => {
  test("takes back what a handler forgot, and names the place", async () => {
    vi.stubEnv("DB_POOL_MAX", "1");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const forgetful = withDbCleanup(async () => {
      await getDatabaseResources().pool.connect();
      return "done";
    });
    expect(await forgetful()).toBe("done");
    expect(await forgetful()).toBe("done");
    expect(warn.mock.calls.join()).toContain("client.test.ts");
    warn.mockRestore();
  });

  test("leaves a stream's connection alone until the stream ends, or is left", async () => {
    vi.stubEnv("DB_POOL_MAX", "1");
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const streaming = withDbCleanup(async () => {
      const client = await getDatabaseResources().pool.connect();
      let left = 3;
      return new Response(
        new ReadableStream({
          async pull(controller) {
            if (left-- === 0) return controller.close();
            const { rows } = await client.query<{ line: string }>("select 'line ' as line");
            controller.enqueue(new TextEncoder().encode(rows[0]?.line));
          },
        }),
      );
    });
    expect(await (await streaming()).text()).toBe("line line line ");
    const abandoned = await streaming();
    await abandoned.body?.cancel();
    expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
    vi.restoreAllMocks();
  });
});
