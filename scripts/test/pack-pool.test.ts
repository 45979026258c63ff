import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTestDatabase, repositoryRoot, testServerUrl } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "../support/matrix/project.ts";
import { packTesting } from "../support/packed-pool.ts";
import { packed } from "./support/packed.ts";

const run = promisify(execFile);
/** The versions that the checkout has. */
const { devDependencies: ours }: { devDependencies: { pg: string; "drizzle-orm": string } } = JSON.parse(
  readFileSync(join(repositoryRoot(), "packages/pool/package.json"), "utf8"),
);

// What is published, in empty projects of others: nothing of this checkout can be found from there.
let directory: string;
let tarball: string;
let tarballOf: Awaited<ReturnType<typeof packed>>;
beforeAll(async () => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), "pack-pool-test-"));
  tarballOf = await packed("pack-pool", directory);
  tarball = tarballOf("pool");
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function makeProject(...packages: string[]) {
  const cwd = mkdtempSync(join(directory, "project-"));
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await run("npm", ["install", ...flags, tarball, ...packages], { cwd });
  return {
    /** What a program of plain Node prints, or why it failed. */
    async node(program: string): Promise<string> {
      writeFileSync(join(cwd, "program.mjs"), program);
      const { stdout, stderr } = await run(process.execPath, ["program.mjs"], { cwd }).catch(
        (error) => error,
      );
      return stdout + stderr;
    },
    /** What the compiler says of a program, and of every package's declarations unless those are skipped. */
    async types(program: string, { skipLibCheck = false } = {}): Promise<string> {
      writeFileSync(join(cwd, "program.ts"), program);
      const tsc = join(repositoryRoot(), "node_modules/typescript/bin/tsc");
      const options = [
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        String(skipLibCheck),
        "--module",
        "nodenext",
      ];
      const { stdout } = await run(process.execPath, [tsc, ...options, "program.ts"], { cwd }).catch(
        (error) => error,
      );
      return stdout;
    },
  };
}

const IMPORTS = `
  import { Pool, PoolConfigError, poolFromUrl } from "@openhouse/pool";
  import { createHealthHandlers, poolHealth, poolMetrics } from "@openhouse/pool/http";
  import { observePool } from "@openhouse/pool/otel";
  import { closeOnSignals } from "@openhouse/pool/process";
  import { onlyBoundRoles, scoped } from "@openhouse/pool/tenants";`;

test("with pg alone, every entry point but ./drizzle works in plain Node and type-checks strictly", async () => {
  const project = await makeProject(`pg@${ours.pg}`);
  const printed = await project.node(`${IMPORTS}
    import pg from "pg";
    const pool = new Pool({ connectionString: ${JSON.stringify(testServerUrl())}, max: 1, ssl: false });
    const { rows } = await scoped(pool, { "app.tenant_id": "acme" }).query("select current_setting('app.tenant_id')");
    console.log(rows, pool instanceof pg.Pool, pool.constructor.name);
    console.log([createHealthHandlers, observePool, closeOnSignals, onlyBoundRoles].map((each) => typeof each).join());
    console.log(await import("@openhouse/pool/drizzle").catch((error) => error.message));
    await pool.end();
    const other = poolFromUrl(${JSON.stringify(testServerUrl())} + "?sslmode=disable", { max: 3 });
    const health = poolHealth(other);
    console.log((await health.ready(new Request("http://localhost/"))).status, poolMetrics(other).includes("db_client_connection_"));
    await Promise.all([health.close(), other.end()]);`);
  expect(printed).toMatch(/200 true\n$/);
  expect(printed).toMatch(
    /^\[ { current_setting: 'acme' } \] true Pool\nfunction,function,function,function\n/,
  );
  expect(printed).toMatch(/Cannot find package 'drizzle-orm' imported from .*dist.drizzle\.js\n/);

  expect(
    await project.types(`${IMPORTS}
      const pool = new Pool({ connectionString: "postgres://", maxWaiting: 5, onConnect: onlyBoundRoles() });
      const answer: Promise<{ rows: unknown[] }> = scoped(pool, { "app.tenant_id": "acme" }).query("select 1");
      const faults: readonly string[] = new PoolConfigError([]).faults;
      closeOnSignals(() => pool.end());
      void [createHealthHandlers, observePool, answer, faults, poolFromUrl, poolHealth, poolMetrics];
      // @ts-expect-error
      new Pool({ maxWaiting: "5" });`),
  ).toBe("");
}, 60_000);

test("a slow statement is told with the place in the application that sent it, though the package comes as one file", async () => {
  const project = await makeProject(`pg@${ours.pg}`);
  const printed = await project.node(`
    import { Pool } from "@openhouse/pool";
    const logger = { info() {}, error() {}, warn: (event, { callSite }) => console.log(event, callSite) };
    const pool = new Pool({ connectionString: ${JSON.stringify(testServerUrl())}, ssl: false, slowQueryMs: 20, logger });
    async function report() {
      await pool.query("select pg_sleep(0.1)");
    }
    await report();
    await pool.end();`);
  expect(printed).toMatch(/^db\.query\.slow report \(.*project-\w+.program\.mjs:6:18\)$/m);
}, 60_000);

test("with drizzle-orm, ./drizzle works in plain Node and type-checks", async () => {
  const project = await makeProject(`pg@${ours.pg}`, `drizzle-orm@${ours["drizzle-orm"]}`);
  const program = `
    import { Pool } from "@openhouse/pool";
    import { drizzleOverPool } from "@openhouse/pool/drizzle";
    import { sql } from "drizzle-orm";
    const pool = new Pool({ connectionString: ${JSON.stringify(testServerUrl())}, max: 1, ssl: false });
    const { scoped } = drizzleOverPool(() => pool, {});
    const tenant = scoped({ "app.tenant_id": "acme" });
    const rows = await tenant.transaction(async (tx) => (await tx.execute(sql\`select 1 as one\`)).rows);
    console.log(rows);
    await pool.end();`;
  expect(await project.node(program)).toBe("[ { one: 1 } ]\n");
  // drizzle-orm's own declarations name drivers that are not installed.
  expect(await project.types(program, { skipLibCheck: true })).toBe("");
}, 60_000);

test.each([
  [ours.pg, ["esm.mjs", "commonjs.cjs", "named.mjs"]],
  ["8.21.0", ["esm.mjs", "named.mjs"]],
])(
  "beside pg %s the matrix's checks pass: %o",
  async (version, programs) => {
    const project = new Project(mkdtempSync(join(directory, "project-")), new AbortController().signal);
    await project.install(tarball, `pg@${version}`);
    for (const program of programs) {
      const database = await createTestDatabase();
      const lines = await project.checks(process.execPath, [program], { MATRIX_URL: database.url });
      expect(lines.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
      expect(lines.length).toBe(program === "named.mjs" ? 4 : 10);
      await database.drop();
    }
  },
  60_000,
);

test("@openhouse/pool-testing is packed, installed and used outside", async () => {
  const project = new Project(mkdtempSync(join(directory, "project-")), new AbortController().signal);
  const testing = process.env.PACKED_PACKAGES === undefined ? packTesting(directory) : tarballOf("testing");
  await project.install(testing, `pg@${ours.pg}`);
  const lines = await project.checks(process.execPath, ["testing.mjs"], { MATRIX_SERVERS: '[["18"]]' });
  expect(lines.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
  expect(lines).toHaveLength(5);
}, 60_000);

test("beside a pg before 8.21 the import fails with a stable code and says what to install", async () => {
  const project = await makeProject("pg@8.20.0", "--legacy-peer-deps");
  const printed = await project.node(`
    await import("@openhouse/pool").catch(({ code, message }) => console.log(code, message))`);
  expect(printed).toMatch(/^POOL_CONFIG .*pg is older than 8\.21, .*install pg >=8\.21 <9/s);
}, 60_000);
