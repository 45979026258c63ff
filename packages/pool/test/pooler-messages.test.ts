import pg from "pg";
import { describe, expect, test } from "vitest";
import { classifyError } from "../src/errors/classify.ts";
import { isPoolersDoubt, isUnsent } from "../src/errors/unsent.ts";
import { healthKind } from "../src/health/verdict.ts";

/** What pg makes of what PgBouncer writes: S, C and M, and no R. */
function fatal(message: string, fields: object = {}): pg.DatabaseError {
  const error = new pg.DatabaseError(message, message.length, "error");
  return Object.assign(error, { severity: "FATAL", code: "08P01", ...fields });
}

// Collected from its sources, 1.18.0 to master 13a344f, with what the code around each of them has done by then.
const NOT_SENT: readonly (readonly [message: string, kind: string])[] = [
  ["query_wait_timeout", "timeout"],
  ["query_timeout", "timeout"],
  ["client_login_timeout", "timeout"],
  ["client_login_timeout (server down)", "timeout"],
  ["server login has been failing, try again later (server_login_retry)", "connection_refused"],
  ["server login has been failing, cached error: connect failed (server_login_retry)", "connection_refused"],
  ["server login failed: wrong password type", "connection_refused"],
  ["server login failed: invalid server signature", "connection_refused"],
  ["server login failed: failed to verify server signature", "connection_refused"],
  ["no memory for pool", "connection_refused"],
  ["no memory for authentication pool", "connection_refused"],
  ["bouncer resources exhaustion", "connection_refused"],
  ["failed to prepare welcome message", "connection_refused"],
  ["failed to send welcome message", "connection_refused"],
  ["server shutting down", "shutting_down"],
  ["pooler is shutting down", "shutting_down"],
  ["no more connections allowed (max_client_conn)", "too_many_connections"],
  ["client connections exceeded (max_db_client_connections)", "too_many_connections"],
  ["client connections exceeded (max_user_client_connections)", "too_many_connections"],
  ["client_idle_timeout", "connection_lost"],
  ["pause failed", "connection_lost"],
];
const REFUSED: readonly (readonly [message: string, kind: string])[] = [
  ["login rejected", "auth"],
  ["unix socket login rejected", "auth"],
  ["certificate authentication failed", "auth"],
  ['"trust" authentication failed', "auth"],
  ["password authentication failed", "auth"],
  ["SASL authentication failed", "auth"],
  ["PAM authentication failed", "auth"],
  ["LDAP authentication failed", "auth"],
  ["empty password returned by client", "auth"],
  ["no authentication method is found", "auth"],
  ["client selected an invalid SASL authentication mechanism", "auth"],
  ["not allowed", "auth"],
  ["SSL required", "tls"],
  ["received unencrypted data after SSL request", "tls"],
  ["received unencrypted data after GSSAPI encryption request", "tls"],
  ["no such database: house", "config"],
  ["no such user", "config"],
  ['database "house" is disabled', "config"],
  ["unsupported startup parameter: statement_timeout", "config"],
  ["unsupported startup parameter in options: search_path", "config"],
  ["unsupported options startup parameter: only '-c config=val' and '--config=val' are allowed", "config"],
  ["bouncer config error", "config"],
  ["auth_ldap_options is null", "config"],
  ["ldap is not supported by this build", "config"],
  ["no username supplied", "config"],
  ["username too long", "config"],
  ["password too long", "config"],
  ["old V2 protocol not supported", "config"],
  ["PQexec disallowed", "config"],
  ["invalid startup packet layout: expected terminator as last byte", "config"],
  ["client re-sent startup pkt", "config"],
  ["client password pkt before startup packet", "config"],
  ["client sent partial pkt in startup phase", "config"],
];
const IN_DOUBT: readonly (readonly [message: string, kind: string])[] = [
  ["server conn crashed?", "connection_lost"],
  ["server lifetime over", "connection_lost"],
  ["database removed", "connection_lost"],
  ["database configuration changed", "connection_lost"],
  ["connect string changed", "connection_lost"],
  ["admin forced disconnect", "connection_lost"],
  ["suspend_timeout", "connection_lost"],
  ["out of memory", "connection_lost"],
  ["var change failed", "connection_lost"],
  ["broken ParameterStatus packet", "connection_lost"],
  ["failed to store ParameterStatus", "connection_lost"],
  ["invalid server parameter", "connection_lost"],
  ["bad pkt header", "connection_lost"],
  ["unknown pkt", "connection_lost"],
  ["unknown pkt from server", "connection_lost"],
  ["prepared statement name is already in use", "schema"],
  ["prepared statement did not exist", "schema"],
];
const FAILED: readonly (readonly [message: string, kind: string])[] = [
  ["query timeout", "timeout"],
  ["idle transaction timeout", "timeout"],
  ["transaction timeout", "timeout"],
  ["transaction blocks not allowed in statement pooling mode", "config"],
  ["bad packet", "connection_lost"],
  ["bad packet header: '5800000004'", "connection_lost"],
  ["failed to parse packet", "connection_lost"],
  ["broken Parse packet", "connection_lost"],
  ["broken Bind packet", "connection_lost"],
  ["broken Describe packet", "connection_lost"],
  ["broken Close packet", "connection_lost"],
];

describe("of what PgBouncer says", () => {
  test.each(NOT_SENT)("nothing was sent, and it may pass: %s is %s", (message, kind) => {
    const error = fatal(message);
    expect(classifyError(error)).toMatchObject({ kind, retry: "not_sent", unavailable: true });
    expect([isUnsent(error), isPoolersDoubt(error)]).toEqual([true, false]);
  });

  test.each(REFUSED)("the sign-in is refused for good: %s is %s", (message, kind) => {
    const error = fatal(message);
    expect(classifyError(error)).toMatchObject({ kind, retry: "never", unavailable: true });
    expect(isUnsent(error)).toBe(false);
  });

  test.each(IN_DOUBT)("the server may have executed it: %s is %s", (message, kind) => {
    const error = fatal(message);
    expect(classifyError(error)).toMatchObject({ kind, retry: "connection_lost" });
    expect([isUnsent(error), isPoolersDoubt(error)]).toEqual([false, true]);
  });

  test.each(FAILED)("the server may have executed it, and it would come again: %s is %s", (message, kind) => {
    const error = fatal(message);
    expect(classifyError(error)).toMatchObject({ kind, retry: "never" });
    expect([isUnsent(error), isPoolersDoubt(error)]).toEqual([false, true]);
  });

  test("what is in no list may have been executed, and passes", () => {
    const error = fatal("das Datenbanksystem startet");
    expect(classifyError(error)).toMatchObject({ kind: "connection_lost", retry: "connection_lost" });
    expect([isUnsent(error), isPoolersDoubt(error)]).toEqual([false, true]);
  });

  test("health calls a wait for the server by its name, and everything else as it is classed", () => {
    const kinds = (messages: typeof NOT_SENT) =>
      new Set(
        messages.map(([message]) => healthKind(classifyError(fatal(message)).kind, isUnsent(fatal(message)))),
      );
    expect(kinds(NOT_SENT)).toEqual(
      new Set([
        "pooler_waiting",
        "connection_refused",
        "shutting_down",
        "too_many_connections",
        "connection_lost",
      ]),
    );
    expect(kinds(REFUSED)).toEqual(new Set(["auth", "tls", "config"]));
  });

  test("with the code that the server has refused the pooler with, the code counts", () => {
    for (const [code, kind, retry] of [
      ["53300", "too_many_connections", "not_sent"],
      ["28P01", "auth", "never"],
      ["3D000", "config", "never"],
    ]) {
      const error = fatal("whatever the server says", { code });
      expect(classifyError(error)).toMatchObject({ kind, retry });
    }
    expect(isPoolersDoubt(fatal("x", { code: "28P01" }))).toBe(false);
  });
});

test("the same words of a server, which names its routine, or of a statement's error, are no pooler's", () => {
  const fields = [
    { routine: "exec_simple_query" },
    { severity: "ERROR" },
    { severity: "ERROR", code: "23505" },
  ];
  for (const each of fields) {
    const error = fatal("query_wait_timeout", each);
    expect([isUnsent(error), isPoolersDoubt(error)]).toEqual([false, false]);
    expect(classifyError(error)).toMatchObject({ retry: "never" });
  }
});
