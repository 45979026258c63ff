import { MAX_TIMER_MS } from "../async/timer.ts";
import { oneOf, quote, wholeNumber } from "./fault-messages.ts";
import {
  LOAD_BALANCE_HOSTS,
  type LoadBalanceHosts,
  TARGET_SESSION_ATTRS,
  type TargetSessionAttrs,
} from "./session-target.ts";
import { SSL_MODES, type SslMode } from "./tls.ts";

/** What the query of a database URL may say. Names of pg's options are kept; ours carry their unit. */
export interface UrlParameters {
  /** One or several, with commas between. */
  host?: string;
  /** One for all hosts, or one for each. */
  ports?: readonly number[];
  /** Which of several hosts is wanted, and in which order they are tried, as in libpq. */
  targetSessionAttrs?: TargetSessionAttrs;
  loadBalanceHosts?: LoadBalanceHosts;
  sslmode?: SslMode;
  sslrootcert?: string;
  /** TLS at once, without asking for it by the protocol first. */
  sslnegotiation?: "postgres" | "direct";
  /** channel_binding=require; pg's own option takes less where the server offers less. */
  enableChannelBinding?: true;
  requireChannelBinding?: true;
  application_name?: string;
  options?: string;
  statement_timeout?: number;
  lock_timeout?: number;
  idle_in_transaction_session_timeout?: number;
  connectTimeoutMs?: number;
  connectionLimit?: number;
  poolTimeoutMs?: number;
  /** A transaction-mode pooler is in between. */
  pgbouncer?: boolean;
}

export const DEFAULT_PORT = 5432;

/** The parameter's meaning, or what would be right. */
type Reader = (value: string) => UrlParameters | string;

const text =
  (use: (value: string) => UrlParameters): Reader =>
  (value) =>
    use(value);

const choice =
  <T extends string>(values: readonly T[], use: (value: T) => UrlParameters): Reader =>
  (value) => {
    const known = values.find((each) => each === value);
    return known === undefined ? `must be ${oneOf(values)}` : use(known);
  };

const number =
  (min: number, max: number, unit: string, use: (value: number) => UrlParameters): Reader =>
  (value) => {
    const parsed = wholeNumber(value, min, max);
    return parsed === undefined ? `must be a whole number ${unit}from ${min} to ${max}` : use(parsed);
  };

const seconds = (use: (ms: number) => UrlParameters) => number(1, 600, "of seconds ", (s) => use(s * 1000));
const milliseconds = (use: (ms: number) => UrlParameters) => number(0, MAX_TIMER_MS, "of milliseconds ", use);
/** As in libpq, one that is left out between commas is the default. */
const ports: Reader = (value) => {
  const numbers = value.split(",").map((each) => (each === "" ? DEFAULT_PORT : wholeNumber(each, 1, 65_535)));
  const known = numbers.filter((each) => each !== undefined);
  return known.length === numbers.length
    ? { ports: known }
    : "must be a whole number from 1 to 65535, or one for each host with commas between";
};
const ignored = (): UrlParameters => ({});

const READERS: ReadonlyMap<string, Reader> = /* @__PURE__ */ readers();

function readers(): ReadonlyMap<string, Reader> {
  return new Map<string, Reader>([
    ["application_name", text((application_name) => ({ application_name }))],
    [
      "channel_binding",
      choice(["disable", "prefer", "require"], (mode) =>
        mode === "require" ? { enableChannelBinding: true, requireChannelBinding: true } : {},
      ),
    ],
    ["client_encoding", choice(["UTF8", "utf8", "UTF-8", "utf-8"], ignored)],
    ["connect_timeout", seconds((connectTimeoutMs) => ({ connectTimeoutMs }))],
    ["connection_limit", number(1, 1000, "", (connectionLimit) => ({ connectionLimit }))],
    ["gssencmode", choice(["disable", "prefer"], ignored)],
    ["host", text((host) => ({ host }))],
    [
      "idle_in_transaction_session_timeout",
      milliseconds((ms) => ({ idle_in_transaction_session_timeout: ms })),
    ],
    ["load_balance_hosts", choice(LOAD_BALANCE_HOSTS, (loadBalanceHosts) => ({ loadBalanceHosts }))],
    ["lock_timeout", milliseconds((lock_timeout) => ({ lock_timeout }))],
    ["options", text((options) => ({ options }))],
    ["pgbouncer", choice(["true", "false"], (value) => ({ pgbouncer: value === "true" }))],
    ["pool_timeout", seconds((poolTimeoutMs) => ({ poolTimeoutMs }))],
    ["port", ports],
    ["ssl", choice(["true", "1"], () => ({ sslmode: "require" }))],
    ["sslmode", choice(SSL_MODES, (sslmode) => ({ sslmode }))],
    ["sslnegotiation", choice(["postgres", "direct"], (sslnegotiation) => ({ sslnegotiation }))],
    ["sslrootcert", text((sslrootcert) => ({ sslrootcert }))],
    ["statement_timeout", milliseconds((statement_timeout) => ({ statement_timeout }))],
    ["supa", ignored], // Supabase marks the strings it hands to Vercel with it
    ["target_session_attrs", choice(TARGET_SESSION_ATTRS, (targetSessionAttrs) => ({ targetSessionAttrs }))],
    ["uselibpqcompat", choice(["true", "false"], ignored)], // TLS is decided here, whichever meaning pg gives sslmode
    ["workaround", ignored], // likewise, for another of Supabase's integrations
  ]);
}

export const KNOWN_PARAMETERS: readonly string[] = /* @__PURE__ */ knownParameters();

function knownParameters(): string[] {
  return [...READERS.keys()];
}

/** What to write instead of parameters that other drivers know. */
const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ["dbname", "write the database as the path: postgres://user:password@host:5432/database"],
  ["password", "write it before the host: postgres://user:password@host:5432/database"],
  ["schema", "write options=-c%20search_path%3Dname"],
  ["sslaccept", "write sslmode=verify-full or sslmode=no-verify"],
  ["sslcert", "client certificates are not supported"],
  ["sslkey", "client certificates are not supported"],
  ["user", "write it before the host: postgres://user:password@host:5432/database"],
]);

/** ssl=... where only sslmode says what is meant. */
const SSL_INSTEAD: ReadonlyMap<string, string> = new Map([
  ["false", "sslmode=disable"],
  ["0", "sslmode=disable"],
  ["no-verify", "sslmode=no-verify"],
]);

/**
 * Reads the query of a database URL by allowlist; a parameter nobody knows is a fault, since a driver that
 * ignores it does something else than what was written.
 */
export function readParameters(pairs: readonly (readonly [string, string])[]) {
  const parameters: UrlParameters = {};
  const faults: string[] = [];
  const given = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (given.has(name)) faults.push(`parameter ${name} is given twice; keep one`);
    given.set(name, value);
  }
  for (const [name, value] of given) {
    const read = READERS.get(name);
    if (read === undefined) {
      const replacement = REPLACEMENTS.get(name) ?? `known are ${KNOWN_PARAMETERS.join(", ")}`;
      faults.push(`parameter ${quote(name)} is not known; ${replacement}`);
      continue;
    }
    const insteadOfSsl = name === "ssl" ? SSL_INSTEAD.get(value) : undefined;
    const result =
      value === ""
        ? "is empty; remove it or give a value"
        : insteadOfSsl
          ? `write ${insteadOfSsl} instead`
          : read(value);
    if (typeof result === "string") faults.push(`parameter ${name}=${quote(value)}: ${result}`);
    else if (name !== "ssl" || !given.has("sslmode")) Object.assign(parameters, result);
    else if (given.get("sslmode") === "disable")
      faults.push(`ssl=${value} and sslmode=disable contradict each other; keep one`);
  }
  return { parameters, faults };
}
