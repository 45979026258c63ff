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

type Row = readonly [message: RegExp, outcome: PoolerOutcome, kind: PoolerKind];

/**
 * PgBouncer's messages: every reason that `disconnect_client`, `kill_pool_logins` and, by `unlink_server`, `disconnect_server`
 * give to a client (src/{admin,client,janitor,ldapauth,messages,objects,pam,prepare,proto,server}.c of 1.18.0, 1.25.2 and master
 * 13a344f). What is said to a client in the list of those who wait, or that has no server, was not sent on.
 */
const MESSAGES: readonly Row[] = [
  [/^query_wait_timeout$/, "not_sent", "timeout"],
  [/^query_timeout$/, "not_sent", "timeout"], // of a client that waits; of a server at work it has a space
  [/^client_login_timeout( \(server down\))?$/, "not_sent", "timeout"],
  [/^server login (has been failing|failed)\b/, "not_sent", "connection_refused"],
  [/^pgbouncer cannot connect/, "not_sent", "connection_refused"],
  [/^(no memory for (authentication )?pool|bouncer resources exhaustion)$/, "not_sent", "connection_refused"],
  [/^failed to (prepare|send) welcome message$/, "not_sent", "connection_refused"],
  [/^(pooler is|server) shutting down$/, "not_sent", "shutting_down"],
  [/^(no more connections allowed|client connections exceeded) \(max_/, "not_sent", "too_many_connections"],
  [/^(client_idle_timeout|pause failed)$/, "not_sent", "connection_lost"],

  [/^((unix socket )?login rejected|[\w"]+ authentication failed|not allowed)$/, "refused", "auth"],
  [/^(empty password returned by client|no authentication method is found)$/, "refused", "auth"],
  [/^client selected an invalid SASL authentication mechanism$/, "refused", "auth"],
  [/^(SSL required$|received unencrypted data after )/, "refused", "tls"],
  [/^no such (database: |user$)/, "refused", "config"],
  [/^database ".*" is disabled$/s, "refused", "config"],
  [/^unsupported (options )?startup parameter/, "refused", "config"],
  [
    /^(bouncer config error|auth_ldap_options is null|ldap is not supported by this build)$/,
    "refused",
    "config",
  ],
  [
    /^(no username supplied|(username|password) too long|old V2 protocol not supported)$/,
    "refused",
    "config",
  ],
  [/^(PQexec disallowed$|invalid startup packet layout)/, "refused", "config"],
  [
    /^client (re-sent startup pkt|password pkt before startup packet|sent partial pkt in startup phase)$/,
    "refused",
    "config",
  ],

  [/^server (conn crashed\?|lifetime over)$/, "in_doubt", "connection_lost"],
  [
    /^(database removed|database configuration changed|connect string changed)$/,
    "in_doubt",
    "connection_lost",
  ],
  [
    /^(admin forced disconnect|suspend_timeout|out of memory|var change failed)$/,
    "in_doubt",
    "connection_lost",
  ],
  [
    /^(broken ParameterStatus packet|failed to store ParameterStatus|invalid server parameter)$/,
    "in_doubt",
    "connection_lost",
  ],
  [/^(bad pkt header|unknown pkt( from server)?)$/, "in_doubt", "connection_lost"],
  [/^prepared statement (name is already in use|did not exist)$/, "in_doubt", "schema"],

  [/^(query|idle transaction|transaction) timeout$/, "failed", "timeout"],
  [/^transaction blocks not allowed in statement pooling mode$/, "failed", "config"],
  [
    /^(bad packet|failed to parse packet|broken (Parse|Bind|Describe|Close) packet)/,
    "failed",
    "connection_lost",
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
  const [, outcome, kind] = MESSAGES.find(([text]) => text.test(message)) ?? UNKNOWN;
  return [outcome, kind];
}

const UNKNOWN: Row = [/^/, "in_doubt", "connection_lost"];
