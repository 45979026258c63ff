import { createTenantDatabase } from "@openhouse/db/test-support/database";
import { asSuperuser } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { overBudget } from "../support/connection-budget.ts";

let database: Awaited<ReturnType<typeof createTenantDatabase>>;
let forRoles: number;
beforeAll(async () => {
  database = await createTenantDatabase();
  forRoles = await asSuperuser(database.ownerUrl, async (client) => {
    const setting = async (name: string) => {
      const { rows } = await client.query<{ value: string }>("select current_setting($1) as value", [name]);
      return Number(rows[0]?.value);
    };
    return (await setting("max_connections")) - (await setting("superuser_reserved_connections"));
  });
});
afterAll(() => database.drop());

const told = (processes: number) =>
  overBudget(
    { ...database, embedded: null, description: "a test's", stop: async () => {} },
    processes,
  ).finally(() => vi.unstubAllEnvs());

test("processes that may open as many connections as the server has for roles are no news; one more is told, with what would fit", async () => {
  const max = Math.floor(forRoles / 2) - 1;
  vi.stubEnv("DB_POOL_MAX", String(max));
  expect(await told(2)).toBeUndefined();

  vi.stubEnv("DB_POOL_MAX", String(max + 1));
  const needed = 2 * (max + 2);
  const said = await told(2);
  expect(said).toContain(`2 processes x (${max + 1} connections + 1 for probes) = ${needed}`);
  expect(said).toContain(`more than the ${forRoles} of the server's max_connections`);
  expect(said).toContain(`DB_POOL_MAX=${max} would fit`);
  expect(said).not.toContain(new URL(database.appUrl).password);
});

test("with one client each, thousands of processes are what it takes", async () => {
  vi.stubEnv("DB_USE_SINGLE_CLIENT", "true");
  expect(await told(1)).toBeUndefined();
  vi.stubEnv("DB_USE_SINGLE_CLIENT", "true");
  expect(await told(forRoles)).toMatch(/fewer --workers, or a pooler/);
});
