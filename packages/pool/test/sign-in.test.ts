import { type EmbeddedPostgres, startEmbeddedPostgres } from "@openhouse/pool-testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../src/config/env.ts";
import { classifyError } from "../src/errors/classify.ts";
import { Pool } from "../src/pool.ts";
import { Client } from "../src/query/client.ts";
import { SingleClientPool } from "../src/single-client/single-client-pool.ts";
import { makeSelfSigned } from "./support/certificates.ts";

class Own extends pg.Client {}

/** A role for each way in which the server may ask who somebody is. */
const WAYS = ["clear_text", "md5_hash", "scram", "anybody"] as const;
const METHODS = { clear_text: "password", md5_hash: "md5", scram: "scram-sha-256", anybody: "trust" };

let server: EmbeddedPostgres;
const open: { end(): Promise<unknown> }[] = [];

beforeAll(async () => {
  const { pem, keyPem } = await makeSelfSigned(["127.0.0.1", "localhost"]);
  server = await startEmbeddedPostgres({
    name: "sign-in",
    temporary: true,
    settings: { ssl: "on", ssl_cert_file: "server.crt", ssl_key_file: "server.key" },
    files: { "server.crt": pem, "server.key": keyPem },
    hba: WAYS.map((role) => `hostssl all ${role} all ${METHODS[role]}`),
  });
  const superuser = new Client({ connectionString: server.url });
  await superuser.connect();
  for (const role of WAYS) {
    const encryption = role === "md5_hash" ? "md5" : "scram-sha-256";
    await superuser.query(
      `set password_encryption = '${encryption}'; create role ${role} login password 'pw'`,
    );
  }
  await superuser.end();
}, 60_000);
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.end()));
});
afterAll(async () => {
  await server?.stop("immediate");
});

function settingsFor(role: string, password: string, query: string) {
  const { port } = new URL(server.url);
  const url = `postgres://${role}${password && `:${password}`}@127.0.0.1:${port}/postgres?sslmode=no-verify${query}`;
  return { url, options: { ...readSettings({ DATABASE_URL: url }).options, max: 1, min: 0 } };
}

const asked = async (queryable: { query(sql: string): Promise<pg.QueryResult> }): Promise<unknown> =>
  queryable.query("select system_user as name").then(
    ({ rows }) => rows[0].name ?? "signed in",
    (error: Error) => ({ message: error.message, ...classifyError(error) }),
  );

/** All that signs in: by settings, by a connection string, with a class of the caller's, and what replaces the pool. */
async function signIn(role: string, password: string, query: string): Promise<unknown[]> {
  const { url, options } = settingsFor(role, password, query);
  const pools = [
    new Pool(options),
    new Pool({ connectionString: url, max: 1, min: 0 }),
    new Pool({ ...options, Client: Own as never }),
    new SingleClientPool(options),
  ];
  open.push(...pools);
  const client = new Client(options);
  const connected = client.connect().then(() => asked(client));
  open.push({ end: () => client.end().catch(() => {}) });
  return Promise.all([
    ...pools.map((pool) => asked(pool as Pool)),
    connected.catch((error: Error) => ({ message: error.message, ...classifyError(error) })),
  ]);
}

describe("channel_binding=require", () => {
  test("signs in where the password is proved with the server's certificate", async () => {
    const names = await signIn("scram", "pw", "&channel_binding=require");
    expect(names).toEqual(Array(5).fill("scram-sha-256:scram"));
  });

  test.each([
    ["clear_text", "asks for the password in clear text"],
    ["md5_hash", "asks for its MD5 hash"],
    ["anybody", "has let us in without it"],
  ])("refuses a server that has %s, and sends nothing of the password", async (role, what) => {
    const refused = await signIn(role, "pw", "&channel_binding=require");
    const error = { message: expect.stringContaining(what), kind: "auth", retry: "never" };
    expect(refused).toEqual(Array(5).fill(expect.objectContaining(error)));
  });

  test("refuses a server that knows SCRAM without it only", () => {
    const client = new Client({ requireChannelBinding: true });
    const errors: unknown[] = [];
    client.connection.on("error", (error: Error) => errors.push(error.message));
    Reflect.get(client, "_handleAuthSASL")({ mechanisms: ["SCRAM-SHA-256"] });
    expect(errors).toEqual([expect.stringContaining("offers SCRAM-SHA-256 only")]);
  });

  test("is not asked for by prefer", async () => {
    const names = await signIn("clear_text", "pw", "&channel_binding=prefer");
    expect(names).toEqual(Array(5).fill("password:clear_text"));
  });
});

test.each(["clear_text", "md5_hash", "scram"])(
  "without a password a server that wants one, as for %s, is told by a sentence",
  async (role) => {
    const refused = await signIn(role, "", "");
    const error = {
      message: expect.stringMatching(/there is none: write it into DATABASE_URL or connectionString/),
      kind: "auth",
      retry: "never",
    };
    expect(refused).toEqual(Array(5).fill(expect.objectContaining(error)));
  },
);

test("without a password a server that wants none lets in", async () => {
  expect(await signIn("anybody", "", "")).toEqual(Array(5).fill("signed in"));
});
