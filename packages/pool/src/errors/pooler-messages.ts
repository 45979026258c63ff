/**
 * What a pooler's last words say of the statement that waits for an answer.
 *
 * - `not_sent`: the client waited for a connection to the server, or was not signed in yet. It may pass, and the statement may go again.
 * - `refused`: the sign-in, or the form of the statement, for good: settings are to be changed. Nothing was sent.
 * - `in_doubt`: the server may have executed it.
 * - `failed`: likewise, and the same again would end the same way.
 */
export type PoolerOutcome = "not_sent" | "refused" | "in_doubt" | "failed";

type PoolerKind =
  | "auth"
  | "config"
  | "connection_lost"
  | "connection_refused"
  | "schema"
  | "shutting_down"
  | "timeout"
  | "tls"
  | "too_many_connections";

type Row = readonly [outcome: PoolerOutcome, kind: PoolerKind, ...messages: RegExp[]];

/**
 * PgBouncer's messages: every reason that `disconnect_client`, `kill_pool_logins` and, by `unlink_server`, `disconnect_server`
 * give to a client (src/{admin,client,janitor,ldapauth,messages,objects,pam,prepare,proto,server}.c of 1.18.0, 1.25.2 and master
 * 13a344f). What is said to a client in the list of those who wait, or that has no server, was not sent on.
 */
const MESSAGES: readonly Row[] = [
  [
    "not_sent",
    "timeout",
    /^query_wait_timeout$/,
    /^query_timeout$/, // of a client that waits; of a server at work it has a space
    /^client_login_timeout( \(server down\))?$/,
  ],
  [
    "not_sent",
    "connection_refused",
    /^server login (has been failing|failed)\b/,
    /^pgbouncer cannot connect/,
    /^(no memory for (authentication )?pool|bouncer resources exhaustion)$/,
    /^failed to (prepare|send) welcome message$/,
  ],
  ["not_sent", "shutting_down", /^(pooler is|server) shutting down$/],
  ["not_sent", "too_many_connections", /^(no more connections allowed|client connections exceeded) \(max_/],
  ["not_sent", "connection_lost", /^(client_idle_timeout|pause failed)$/],

  [
    "refused",
    "auth",
    /^((unix socket )?login rejected|[\w"]+ authentication failed|not allowed)$/,
    /^(empty password returned by client|no authentication method is found)$/,
    /^client selected an invalid SASL authentication mechanism$/,
  ],
  ["refused", "tls", /^(SSL required$|received unencrypted data after )/],
  [
    "refused",
    "config",
    /^no such (database: |user$)/,
    /^database ".*" is disabled$/s,
    /^unsupported (options )?startup parameter/,
    /^(bouncer config error|auth_ldap_options is null|ldap is not supported by this build)$/,
    /^(no username supplied|(username|password) too long|old V2 protocol not supported)$/,
    /^(PQexec disallowed$|invalid startup packet layout)/,
    /^client (re-sent startup pkt|password pkt before startup packet|sent partial pkt in startup phase)$/,
  ],

  [
    "in_doubt",
    "connection_lost",
    /^server (conn crashed\?|lifetime over)$/,
    /^(database removed|database configuration changed|connect string changed)$/,
    /^(admin forced disconnect|suspend_timeout|out of memory|var change failed)$/,
    /^(broken ParameterStatus packet|failed to store ParameterStatus|invalid server parameter)$/,
    /^(bad pkt header|unknown pkt( from server)?)$/,
  ],
  ["in_doubt", "schema", /^prepared statement (name is already in use|did not exist)$/],

  ["failed", "timeout", /^(query|idle transaction|transaction) timeout$/],
  ["failed", "config", /^transaction blocks not allowed in statement pooling mode$/],
  [
    "failed",
    "connection_lost",
    /^(bad packet|failed to parse packet|broken (Parse|Bind|Describe|Close) packet)/,
  ],
];

interface PoolersWord {
  readonly code: string;
  readonly message: string;
}

/** The code that PgBouncer gives to everything that is its own. Another one is the server's, which has refused its sign-in. */
const OF_PGBOUNCER = "08P01";

/**
 * Whether a pooler has ended the connection, and not the server: its FATAL has no field R. A server of Postgres sends the name of
 * the C function that raised the error with each of them (src/backend/utils/error/elog.c), PgBouncer nothing but S, C and M
 * (`send_pooler_error`, src/proto.c), Supavisor likewise.
 */
export function isPoolersWord(error: unknown): error is PoolersWord {
  if (typeof error !== "object" || error === null) return false;
  const { severity, code, message, routine } = error as Record<string, unknown>;
  return (
    severity === "FATAL" && typeof code === "string" && typeof message === "string" && routine === undefined
  );
}

/**
 * What PgBouncer means by an error, by its fixed English texts: it is a program without translations, and has one SQLSTATE for all of
 * them. They count for nothing outside of that class. A text that is in no row may have followed a statement that was executed.
 */
export function readPooler(error: unknown): readonly [outcome: PoolerOutcome, kind: PoolerKind] | undefined {
  if (!isPoolersWord(error) || error.code !== OF_PGBOUNCER) return undefined;
  const { message } = error;
  const [outcome, kind] =
    MESSAGES.find(([_outcome, _kind, ...texts]) => texts.some((text) => text.test(message))) ?? UNKNOWN;
  return [outcome, kind];
}

const UNKNOWN: Row = ["in_doubt", "connection_lost"];
