import { connect, createServer } from "node:net";
import { DrizzleQueryError } from "drizzle-orm/errors";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { classifyError, type ErrorKind, type Retry } from "../src/errors/classify.ts";
import {
  AcquireTimeoutError,
  CommitUnknownError,
  PoolClosedError,
  PoolConfigError,
  PoolSaturatedError,
  TenantIdError,
  TransactionAbortedError,
  TransactionOverError,
  UnsafeRoleError,
} from "../src/errors/errors.ts";

/** What pg makes of an ErrorResponse. */
function fromServer(code: string, message = "text of the server", severity = "ERROR"): Error {
  return Object.assign(new pg.DatabaseError(message, message.length, "error"), { code, severity });
}

function fromNode(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall} ${code} 10.0.0.5:5432`), { code, syscall });
}

const UNAVAILABLE: ErrorKind[] = [
  "timeout",
  "connection_refused",
  "dns",
  "auth",
  "tls",
  "too_many_connections",
  "starting_up",
  "shutting_down",
  "connection_lost",
  "read_only",
  "saturated",
  "closed",
  "config",
];

type Expected = [kind: ErrorKind, retry: Retry];

function expected([kind, retry]: Expected, sqlstate?: string) {
  const unavailable = UNAVAILABLE.includes(kind);
  return sqlstate === undefined ? { kind, retry, unavailable } : { kind, retry, unavailable, sqlstate };
}

describe("SQLSTATE", () => {
  test.each<[string, Expected]>([
    ["40001", ["serialization", "transaction"]],
    ["40P01", ["serialization", "transaction"]],
    ["OC000", ["serialization", "transaction"]],
    ["OC001", ["serialization", "transaction"]],
    ["40000", ["serialization", "never"]],
    ["40002", ["constraint", "never"]],
    ["40003", ["connection_lost", "never"]],
    ["53300", ["too_many_connections", "not_sent"]],
    ["57P03", ["starting_up", "not_sent"]],
    ["08001", ["connection_refused", "not_sent"]],
    ["08004", ["connection_refused", "not_sent"]],
    ["08000", ["connection_lost", "connection_lost"]],
    ["08003", ["connection_lost", "connection_lost"]],
    ["08006", ["connection_lost", "connection_lost"]],
    ["08007", ["connection_lost", "never"]],
    ["08P01", ["connection_lost", "never"]],
    ["57P01", ["shutting_down", "connection_lost"]],
    ["57P02", ["shutting_down", "connection_lost"]],
    ["57P04", ["config", "never"]],
    ["57P05", ["connection_lost", "connection_lost"]],
    ["25P03", ["connection_lost", "connection_lost"]],
    ["25P04", ["timeout", "connection_lost"]],
    ["25P02", ["unknown", "never"]],
    ["25006", ["read_only", "connection_lost"]],
    ["58000", ["connection_lost", "connection_lost"]],
    ["58030", ["connection_lost", "connection_lost"]],
    ["26000", ["schema", "connection_lost"]],
    ["42P05", ["schema", "connection_lost"]],
    ["0A000", ["schema", "never"]],
    ["57014", ["canceled", "never"]],
    ["55P03", ["timeout", "never"]],
    ["28000", ["auth", "never"]],
    ["28P01", ["auth", "never"]],
    ["3D000", ["config", "never"]],
    ["3F000", ["schema", "never"]],
    ["42501", ["permission", "never"]],
    ["42P01", ["schema", "never"]],
    ["42601", ["schema", "never"]],
    ["22P02", ["data", "never"]],
    ["22001", ["data", "never"]],
    ["21000", ["data", "never"]],
    ["23505", ["constraint", "never"]],
    ["23503", ["constraint", "never"]],
    ["44000", ["constraint", "never"]],
    ["54000", ["data", "never"]],
    ["P0001", ["data", "never"]],
    ["F0000", ["config", "never"]],
    ["XX000", ["unknown", "never"]],
    ["99999", ["unknown", "never"]],
  ])("%s is %o", (code, outcome) => {
    expect(classifyError(fromServer(code))).toEqual(expected(outcome, code));
  });

  test.each(["53000", "53100", "53200", "53400"])(
    "%s: a server out of resources is unavailable, of no kind of its own",
    (code) => {
      expect(classifyError(fromServer(code))).toEqual({
        kind: "unknown",
        retry: "never",
        unavailable: true,
        sqlstate: code,
      });
    },
  );

  test.each(["FATAL", "PANIC"])(
    "a %s error of a code nobody knows means the connection is lost",
    (severity) => {
      expect(classifyError(fromServer("XX001", "text", severity))).toEqual(
        expected(["connection_lost", "connection_lost"], "XX001"),
      );
      expect(classifyError(fromServer("28P01", "text", severity)).kind).toBe("auth");
    },
  );

  test.each<[string, string, Expected]>([
    ["57014", "canceling statement due to statement timeout", ["timeout", "never"]],
    ["57014", "canceling statement due to user request", ["canceled", "never"]],
    ["0A000", "cached plan must not change result type", ["schema", "connection_lost"]],
    // PgBouncer
    ["08P01", "query_wait_timeout", ["timeout", "not_sent"]],
    ["08P01", "no more connections allowed (max_client_conn)", ["too_many_connections", "not_sent"]],
    [
      "08P01",
      "server login has been failing, cached error: connect failed (server_login_retry)",
      ["connection_refused", "not_sent"],
    ],
    ["08P01", "client_idle_timeout", ["connection_lost", "connection_lost"]],
    ["08P01", "unsupported startup parameter: statement_timeout", ["config", "never"]],
    ["08P01", "SSL required", ["tls", "never"]],
    // Supavisor
    ["XX000", "(EMAXCONN) max client connections reached, limit: 200", ["too_many_connections", "not_sent"]],
    ["XX000", "(EMAXCONNSESSION) max clients reached in session mode", ["too_many_connections", "not_sent"]],
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
    ["XX000", "(EAUTHTIMEOUT) timeout", ["timeout", "not_sent"]],
    ["XX000", "(ECHECKOUTFAILED) failed", ["connection_refused", "not_sent"]],
    ["XX000", "(ECHECKOUTRETRIES) failed", ["connection_refused", "not_sent"]],
    ["XX000", "(EPOOLCHECKOUT) failed", ["connection_refused", "not_sent"]],
    ["XX000", "(ECIRCUITBREAKER) too many failures", ["connection_refused", "not_sent"]],
    ["XX000", "(EPOOLTERMINATING) terminating", ["shutting_down", "connection_lost"]],
    ["XX000", "(EDBHANDLEREXITED) connection to database closed", ["connection_lost", "connection_lost"]],
    ["XX000", "(ENOTFOUND) tenant/user postgres.ref not found", ["auth", "never"]],
    ["XX000", "(EWRONGPASSWORD) wrong password", ["auth", "never"]],
    ["XX000", "(EBANNED) banned", ["auth", "never"]],
    ["XX000", "(ESSLREQUIRED) SSL connection is required", ["tls", "never"]],
    ["XX000", "(ENOIDENTIFIER) no tenant identifier", ["config", "never"]],
    ["XX000", "(EPREPAREDSTATEMENTS) not supported", ["schema", "never"]],
  ])("%s %s is %o", (code, message, outcome) => {
    expect(classifyError(fromServer(code, message, "FATAL"))).toEqual(expected(outcome, code));
  });

  test("wins over the message, which may quote a user's words", () => {
    expect(classifyError(fromServer("23505", "Connection terminated unexpectedly")).kind).toBe("constraint");
    expect(classifyError(fromServer("23505", "query_wait_timeout")).kind).toBe("constraint");
  });
});

describe("codes of Node.js", () => {
  test.each<[string, string | undefined, Expected]>([
    ["ECONNREFUSED", "connect", ["connection_refused", "not_sent"]],
    ["EHOSTUNREACH", "connect", ["connection_refused", "not_sent"]],
    ["ENETUNREACH", "connect", ["connection_refused", "not_sent"]],
    ["ENOENT", "connect", ["connection_refused", "not_sent"]],
    ["EACCES", "connect", ["connection_refused", "not_sent"]],
    ["ETIMEDOUT", "connect", ["timeout", "not_sent"]],
    // On a connection that was in use, the statement may have arrived.
    ["ETIMEDOUT", "read", ["connection_lost", "connection_lost"]],
    ["EHOSTUNREACH", "read", ["connection_lost", "connection_lost"]],
    ["ENETUNREACH", "write", ["connection_lost", "connection_lost"]],
    ["ENOENT", "open", ["unknown", "never"]],
    ["ENOTFOUND", "getaddrinfo", ["dns", "not_sent"]],
    ["EAI_AGAIN", "getaddrinfo", ["dns", "not_sent"]],
    ["ECONNRESET", "read", ["connection_lost", "connection_lost"]],
    ["EPIPE", "write", ["connection_lost", "connection_lost"]],
    ["ECONNABORTED", "write", ["connection_lost", "connection_lost"]],
    ["ERR_STREAM_DESTROYED", undefined, ["connection_lost", "connection_lost"]],
    ["SELF_SIGNED_CERT_IN_CHAIN", undefined, ["tls", "never"]],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", undefined, ["tls", "never"]],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", undefined, ["tls", "never"]],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", undefined, ["tls", "never"]],
    ["CERT_HAS_EXPIRED", undefined, ["tls", "never"]],
    ["ERR_TLS_CERT_ALTNAME_INVALID", undefined, ["tls", "never"]],
    ["ERR_SSL_WRONG_VERSION_NUMBER", undefined, ["tls", "never"]],
    ["EPROTO", "write", ["tls", "never"]],
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

test.each<[string, Expected]>([
  ["timeout exceeded when trying to connect", ["timeout", "not_sent"]],
  ["Connection terminated due to connection timeout", ["timeout", "not_sent"]],
  ["timeout expired", ["timeout", "not_sent"]],
  ["Query read timeout", ["timeout", "never"]],
  ["Connection terminated", ["connection_lost", "connection_lost"]],
  ["Connection terminated unexpectedly", ["connection_lost", "connection_lost"]],
  ["Client has encountered a connection error and is not queryable", ["connection_lost", "connection_lost"]],
  ["Client was closed and is not queryable", ["connection_lost", "connection_lost"]],
  ["Cannot use a pool after calling end on the pool", ["closed", "never"]],
  ["The server does not support SSL connections", ["tls", "never"]],
  ["There was an error establishing an SSL connection", ["tls", "never"]],
  ["SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", ["auth", "never"]],
  ["we say: Connection terminated unexpectedly", ["unknown", "never"]],
  ["something else", ["unknown", "never"]],
])("pg's message without a code, %s, is %o", (message, outcome) => {
  expect(classifyError(new Error(message))).toEqual(expected(outcome));
});

test("a handshake that was cut sent no statement", () => {
  const error = fromNode("ECONNRESET");
  error.message = "Client network socket disconnected before secure TLS connection was established";
  expect(classifyError(error)).toEqual(expected(["connection_lost", "not_sent"]));
});

describe("errors of this package", () => {
  test.each<[Error, Expected]>([
    [new PoolConfigError(["fault"]), ["config", "never"]],
    [new PoolClosedError("closed"), ["closed", "never"]],
    [new AcquireTimeoutError("too late"), ["timeout", "not_sent"]],
    [new PoolSaturatedError("full"), ["saturated", "not_sent"]],
    [new CommitUnknownError("lost", { cause: fromServer("40001") }), ["connection_lost", "never"]],
    [new TransactionAbortedError("aborted"), ["unknown", "never"]],
    [new TransactionOverError("over", { cause: fromServer("57P01") }), ["unknown", "never"]],
    [new TenantIdError("no uuid"), ["data", "never"]],
    [new UnsafeRoleError("superuser"), ["config", "never"]],
  ])("%s is %o", (error, outcome) => {
    expect(classifyError(error)).toEqual(expected(outcome));
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
  expect(classifyError(AbortSignal.abort().reason)).toEqual(expected(["canceled", "never"]));
  expect(classifyError(new DOMException("late", "TimeoutError"))).toEqual(expected(["timeout", "never"]));
});

test.each([undefined, null, "57P01", 42, {}, { code: 40001 }, { code: "constructor" }])(
  "%o is unknown",
  (thrown) => {
    expect(classifyError(thrown)).toEqual(expected(["unknown", "never"]));
  },
);
