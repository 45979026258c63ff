import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PoolConfigError, UnsafeRoleError } from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MigrationBusyError, migrate } from "../src/migrate.ts";
import { RoleBootstrapError } from "../src/roles.ts";
import { signingFor, tenantToken } from "../src/signing.ts";
import { catalogFaults } from "./support/catalog-faults.ts";
import { createEmptyDatabase, createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { outcomeOf, sqlstate } from "./support/sqlstate.ts";
import { as, OWNER, withServer } from "./support/template.ts";

let app: { name: string; password: string };
let database: TenantDatabase;

beforeEach(async () => {
  // Passwords that SQL and SCRAM have to treat with care.
  app = {
    name: `App of ${randomBytes(4).toString("hex")}`,
    password: `it's "quoted" \\ ＆ ½ ü ${randomBytes(4).toString("hex")}`,
  };
  database = await createEmptyDatabase(app);
  return async () => {
    const { name, superuserUrl } = database;
    await withServer(superuserUrl, async (server) => {
      await connectionsToGo(server, name);
      const { rowCount } = await server.query("select 1 from pg_roles where rolname = $1", [app.name]);
      if (rowCount !== 0) await server.query(`drop owned by "${app.name}"; drop role "${app.name}"`);
    });
    await database.drop();
  };
});

describe("an empty database", () => {
  test("gets role, tables and grants, by an owner who is no superuser", async () => {
    await migrate(database);
    await withServer(database.superuserUrl, async (server) => {
      expect(await catalogFaults(server, app.name)).toEqual([]);
      const { rows } = await server.query(
        "select distinct tableowner from pg_tables where schemaname = 'public'",
      );
      expect(rows).toEqual([{ tableowner: OWNER.name }]);
    });
  });

  test("the role made logs in with the password of its URL, and does what the portals do", async () => {
    await migrate(database);
    await withServer(database.appUrl, async (client) => {
      const token = tenantToken(client, randomUUID(), signingFor(database.appUrl));
      await client.query("select set_config('app.tenant', $1, false)", [token]);
      await client.query("insert into tenants (name, slug) values ('Test Homes', 'test-homes')");
      const { rows } = await client.query("select name from tenants");
      expect(rows).toEqual([{ name: "Test Homes" }]);
      expect(await outcomeOf(client.query("create table mine ()"))).toBe("42501");
      expect(await outcomeOf(client.query("select * from drizzle.__drizzle_migrations"))).toBe("42501");
    });
    // The superuser sees what is stored: no password, and made as the server makes its own.
    await withServer(database.superuserUrl, async (server) => {
      const { rows } = await server.query(
        `select starts_with(rolpassword, format('SCRAM-SHA-256$%s:', current_setting('scram_iterations'))) as made
           from pg_authid where rolname = $1`,
        [app.name],
      );
      expect(rows).toEqual([{ made: true }]);
    });
  });

  test("two migrations at once both succeed, and so do five", async () => {
    await Promise.all([migrate(database), migrate(database)]);
    await Promise.all(Array.from({ length: 5 }, () => migrate(database)));
    await withServer(database.superuserUrl, async (server) => {
      expect(await catalogFaults(server, app.name)).toEqual([]);
      const { rows } = await server.query(
        "select count(*)::int as times from drizzle.__drizzle_migrations group by hash",
      );
      expect(new Set(rows.map(({ times }) => times))).toEqual(new Set([1]));
    });
  });

  test("two databases of one server at once share the role they both make", async () => {
    const other = await createEmptyDatabase(app);
    try {
      await Promise.all([migrate(database), migrate(other)]);
      await withServer(other.superuserUrl, async (server) => {
        expect(await catalogFaults(server, app.name)).toEqual([]);
        await server.query(`drop owned by "${app.name}"`);
      });
    } finally {
      await other.drop();
    }
  });
});

test("a role that somebody else makes at the same moment is found, not a failure", async () => {
  await withServer(database.superuserUrl, async (other) => {
    await other.query("begin");
    await other.query(`create role "${app.name}" login`);
    const migrating = migrate(database);
    // Not pg_stat_activity, which stands still in a transaction.
    const waits =
      "select 1 from pg_locks where locktype = 'transactionid' and not granted and transactionid = pg_current_xact_id()::xid";
    await waitFor(async () => (await other.query(waits)).rowCount === 1, {
      what: "the migration to wait for the role",
    });
    // What a server that logs its statements would log.
    const { rows: sent } = await other.query(
      "select query from pg_stat_activity where application_name = 'openhouse-migrate' and datname = $1",
      [database.name],
    );
    expect(sent).toEqual([{ query: expect.stringMatching(/password 'SCRAM-SHA-256\$\d+:/) }]);
    await other.query("commit");
    await migrating;
    expect(await catalogFaults(other, app.name)).toEqual([]);
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("repeated", () => {
  test("a second migration changes nothing, and leaves the role's password alone", async () => {
    await migrate(database);
    const before = await snapshot(database);
    vi.stubEnv("TENANT_SIGNING_KEY", signingFor(database.appUrl).signingKey);
    const changed = new URL(database.appUrl);
    changed.password = "another";
    const lines: string[] = [];
    await migrate({ ...database, appUrl: changed.href, log: (line) => lines.push(line) });
    expect(await snapshot(database)).toEqual(before);
    const known = `role ${app.name} found; the signing key is known`;
    expect(lines).toEqual([
      `database ${database.name} is up to date; ${known}`,
      expect.stringMatching(
        /^openhouse_test_owner, being no superuser, could not take from App of .*: large objects/,
      ),
    ]);
    await withServer(database.appUrl, (client) => client.query("select 1"));
  });

  test("a database in use is migrated without losing a row", async () => {
    const used = await createTenantDatabase();
    try {
      const count = "select (select count(*) from document_chunks)::int as chunks";
      const before = await withServer(used.superuserUrl, async (server) => (await server.query(count)).rows);
      await migrate(used);
      const after = await withServer(used.superuserUrl, async (server) => (await server.query(count)).rows);
      expect(after).toEqual(before);
    } finally {
      await used.drop();
    }
  });
});

test("an older database gets only the migrations that it lacks, keeps its rows, and its new tables are granted", async () => {
  const older = await migrations("create table tenants (id int)");
  const newer = await migrations(
    "create table tenants (id int)",
    "create table activity (id int); create table other (id int)",
  );
  try {
    await migrate({ ...database, migrationsFolder: older });
    await withServer(database.appUrl, (client) => client.query("insert into tenants values (1)"));
    await migrate({ ...database, migrationsFolder: newer });
    await withServer(database.appUrl, async (client) => {
      await client.query("insert into activity select id from tenants");
      const { rows } = await client.query("select id from activity");
      expect(rows).toEqual([{ id: 1 }]);
      expect(await outcomeOf(client.query("select id from other"))).toBe("42501"); // nothing says what it is for
    });
  } finally {
    await rm(older, { recursive: true });
    await rm(newer, { recursive: true });
  }
});

describe("what goes wrong", () => {
  test("a migration that fails shows Postgres' own error, leaves nothing half done, and closes its connection", async () => {
    const folder = await migrations(
      "create table half_done (id int)",
      "create table broken (id no_such_type)",
    );
    try {
      const failure = await migrate({ ...database, migrationsFolder: folder }).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(Error);
      expect(sqlstate(failure)).toBe("42704");
      expect(failure).toMatchObject({ cause: { message: 'type "no_such_type" does not exist' } });
      await withServer(database.superuserUrl, async (server) => {
        await connectionsToGo(server, database.name);
        const { rows } = await server.query("select to_regclass('public.half_done') as found");
        expect(rows).toEqual([{ found: null }]);
      });
      await migrate(database); // the lock is free
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a migration that waits for another too long says so", async () => {
    await withServer(database.ownerUrl, async (other) => {
      await other.query("begin");
      await other.query("select pg_advisory_xact_lock(8030029660474537331)");
      const waiting = migrate({ ...database, lockTimeoutMs: 100 });
      await expect(waiting).rejects.toThrow(MigrationBusyError);
      await expect(waiting).rejects.toThrow("within 100 ms");
      await other.query("rollback");
    });
    await migrate(database);
  });

  test("a migration that waits for a table too long gives up, rather than hold up everybody behind it", async () => {
    const older = await migrations("create table tenants (id int)");
    const newer = await migrations("create table tenants (id int)", "alter table tenants add label text");
    try {
      await migrate({ ...database, migrationsFolder: older });
      await withServer(database.ownerUrl, async (reader) => {
        await reader.query("begin; select from tenants");
        const waiting = migrate({ ...database, migrationsFolder: newer, lockTimeoutMs: 100 });
        expect(await outcomeOf(waiting)).toBe("55P03");
        await reader.query("rollback");
      });
      await migrate({ ...database, migrationsFolder: newer });
    } finally {
      await rm(older, { recursive: true });
      await rm(newer, { recursive: true });
    }
  });

  test("a migration waits for its turn", async () => {
    await withServer(database.superuserUrl, async (other) => {
      await other.query("begin");
      await other.query("select pg_advisory_xact_lock(8030029660474537331)");
      const waiting = migrate(database);
      const waits =
        "select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())";
      await waitFor(async () => (await other.query(waits)).rowCount === 1, { what: "the migration to wait" });
      const { rows } = await other.query("select to_regclass('public.tenants') as found");
      expect(rows).toEqual([{ found: null }]);
      await other.query("rollback");
      await waiting;
    });
  });

  test("a role that row-level security does not bind is refused before anything is made", async () => {
    await withServer(database.superuserUrl, (server) =>
      server.query(`create role "${app.name}" login bypassrls`),
    );
    await expect(migrate(database)).rejects.toThrow(UnsafeRoleError);
    await expect(migrate({ ownerUrl: database.ownerUrl, appUrl: database.superuserUrl })).rejects.toThrow(
      UnsafeRoleError,
    );
    await withServer(database.superuserUrl, async (server) => {
      const { rows } = await server.query("select to_regnamespace('drizzle') as found");
      expect(rows).toEqual([{ found: null }]);
    });
  });

  test("a server that does not let the owner have pg_trgm is migrated all the same", async () => {
    await withServer(database.superuserUrl, async (server) => {
      await server.query(`
        create function refuse() returns event_trigger language plpgsql as $$
          begin raise insufficient_privilege; end $$;
        create event trigger refuse on ddl_command_start when tag in ('CREATE EXTENSION') execute function refuse()`);
      await migrate(database);
      const { rows } = await server.query(
        "select to_regclass('document_terms') is not null as migrated, to_regproc('similarity') as alike",
      );
      expect(rows).toEqual([{ migrated: true, alike: null }]);
      await server.query("drop event trigger refuse; drop function refuse");
    });
  });

  test("an owner who may not make roles is told the statement to run by hand", async () => {
    const owner = { name: `owner_${randomBytes(4).toString("hex")}`, password: "x" };
    await withServer(database.superuserUrl, async (server) => {
      await server.query(`create role ${owner.name} login password 'x'`);
      await server.query(`alter database ${database.name} owner to ${owner.name}`);
      const attempt = migrate({ ...database, ownerUrl: as(owner, database.superuserUrl) });
      await expect(attempt).rejects.toThrow(RoleBootstrapError);
      await expect(attempt).rejects.toThrow(
        `create role "${app.name}" login password '...' nosuperuser nobypassrls`,
      );
      await expect(attempt).rejects.not.toThrow(app.password);
      // Once somebody has made it, the owner can do the rest.
      await server.query(`create role "${app.name}" login`);
      await migrate({ ...database, ownerUrl: as(owner, database.superuserUrl) });
      expect(await catalogFaults(server, app.name)).toEqual([]);
      await server.query(`alter database ${database.name} owner to ${OWNER.name}`);
      await server.query(`drop owned by ${owner.name} cascade; drop role ${owner.name}`);
    });
  });

  test("the role that owns the tables is refused as the portals' role, and so is a member of it", async () => {
    const attempt = migrate({ ownerUrl: database.ownerUrl, appUrl: database.ownerUrl });
    await expect(attempt).rejects.toThrow(UnsafeRoleError);
    await expect(attempt).rejects.toThrow("DATABASE_URL_OWNER must name the role that owns the tables");
    const owner = { name: `owner_${randomBytes(4).toString("hex")}`, password: "x" };
    await withServer(database.superuserUrl, async (server) => {
      await server.query(`create role ${owner.name} login password 'x'`);
      await server.query(`create role "${app.name}" login in role ${owner.name}`);
      await server.query(`alter database ${database.name} owner to ${owner.name}`);
      const asMember = migrate({ ...database, ownerUrl: as(owner, database.superuserUrl) });
      await expect(asMember).rejects.toThrow(`is a member of ${owner.name}, which owns the tables`);
      await server.query(`alter database ${database.name} owner to ${OWNER.name}; drop role ${owner.name}`);
      const { rows } = await server.query("select to_regnamespace('drizzle') as found");
      expect(rows).toEqual([{ found: null }]);
    });
  });

  test("URLs that are wrong are told both at once, without a connection", async () => {
    const attempt = migrate({ ownerUrl: "mysql://x", appUrl: "" });
    await expect(attempt).rejects.toThrow(PoolConfigError);
    await expect(attempt).rejects.toMatchObject({
      faults: [expect.stringMatching(/^DATABASE_URL /), expect.stringMatching(/^DATABASE_URL_OWNER /)],
    });
  });

  test("a server that is away is an error of the connection, and nothing hangs", async () => {
    const url = "postgres://nobody:secret@127.0.0.1:1/openhouse";
    await expect(migrate({ ownerUrl: url.replace("nobody", "owner"), appUrl: url })).rejects.toThrow(
      "ECONNREFUSED",
    );
  });
});

/** Postgres notices a closed socket a moment after it was closed; one left open stays. */
const connectionsToGo = (server: pg.Client, name: string) =>
  waitFor(
    async () => {
      const { rowCount } = await server.query(
        "select 1 from pg_stat_activity where datname = $1 and application_name = 'openhouse-migrate'",
        [name],
      );
      return rowCount === 0;
    },
    { timeoutMs: 2_000, what: "the migrations' connections to be closed" },
  );

async function snapshot({ superuserUrl }: TenantDatabase): Promise<unknown> {
  return withServer(superuserUrl, async (server) => {
    const { rows } = await server.query(`
      select relname, relfilenode, relacl::text from pg_class
       where relnamespace in ('public'::regnamespace, 'drizzle'::regnamespace) order by relname`);
    const applied = await server.query("select * from drizzle.__drizzle_migrations order by id");
    return [rows, applied.rows];
  });
}

/** A folder of migrations as drizzle-kit writes it. */
async function migrations(...statements: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "openhouse-migrations-"));
  await mkdir(join(folder, "meta"));
  const entries = statements.map((_, idx) => ({
    idx,
    version: "7",
    when: idx + 1,
    tag: `000${idx}_test`,
    breakpoints: true,
  }));
  await Promise.all(
    statements.map((statement, idx) => writeFile(join(folder, `000${idx}_test.sql`), statement)),
  );
  await writeFile(
    join(folder, "meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries }),
  );
  return folder;
}
