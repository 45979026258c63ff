import { randomBytes } from "node:crypto";
import pg from "pg";
import { asSuperuser } from "./superuser.ts";
import { waitFor } from "./wait-for.ts";

/** A database of one test or test file. */
export interface TestDatabase {
  /** As the server's superuser. */
  readonly url: string;
  readonly name: string;
  /**
   * Removes the database. May be called again.
   * @throws {Error} connections to it were still open 2 s after the call: something was not closed.
   */
  drop(): Promise<void>;
}

/**
 * The server that this test run works on, as its superuser. The test run's setup starts one and notes
 * it in TEST_DATABASE_URL, where it can be set from outside too.
 *
 * @throws {Error} called outside of a test run.
 */
export function testServerUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url) return url;
  throw new Error(
    "TEST_DATABASE_URL is not set: the test run's global setup starts a server and notes its `url` there " +
      "(in OpenHouse it does: run tests with `npm test` or `npx vitest run <path>` at the root).",
  );
}

/** The same server and user, another database. */
export function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/**
 * Makes an empty database, or a copy of `template`, to which nobody may be connected by then.
 *
 * @param server a superuser's URL of the server it is made on. @default testServerUrl()
 */
export async function createTestDatabase({
  template = "template1",
  server = testServerUrl(),
}: {
  template?: string;
  server?: string;
} = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asSuperuser(server, (client) => createFrom(client, name, template));
  let dropping: Promise<void> | undefined;
  return {
    name,
    url: withDatabase(server, name),
    drop() {
      dropping ??= asSuperuser(server, (client) => dropDatabase(client, name));
      return dropping;
    },
  };
}

async function createFrom(client: pg.Client, name: string, template: string): Promise<void> {
  const statement = `create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)}`;
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      // 55006: somebody is connected to the template, such as autovacuum.
      const inUse = error instanceof pg.DatabaseError && error.code === "55006";
      if (!inUse || attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  const connections = async () => {
    const { rows } = await client.query<{ line: string }>(
      `select format('pid %s, application "%s", %s, last statement: %s', pid, application_name, state, left(query, 120)) as line
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    return rows.map(({ line }) => line);
  };
  // A closed socket takes the server a moment to notice.
  await waitFor(async () => (await connections()).length === 0, {
    timeoutMs: 2_000,
    what: "the connections to go",
  }).catch(() => {});
  const leftOver = await connections();
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  if (leftOver.length > 0) {
    throw new Error(`Connections to ${name} were left open by the test:\n  ${leftOver.join("\n  ")}`);
  }
}
