import type pg from "pg";
import { PoolConfigError } from "../errors/errors.ts";
import { readAuthorities } from "./ca.ts";
import { type DatabaseUrl, parseDatabaseUrl } from "./database-url.ts";
import { oneOf, quote } from "./fault-messages.ts";
import { forgetsStatements } from "./host-kind.ts";
import { passwordFileFault, passwordFrom } from "./password-file.ts";
import type { HostOptions, LoadBalanceHosts, TargetSessionAttrs } from "./session-target.ts";
import { DATABASE_SSL_MODES, type DatabaseSsl, decideSsl } from "./tls.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** TLS settings that hold for every URL of the process. */
export interface TlsSettings {
  readonly databaseSsl?: DatabaseSsl | undefined;
  readonly ca?: string | undefined;
  /** What code has decided, which holds where the URL itself does not speak of TLS. */
  readonly ssl?: pg.PoolConfig["ssl"];
}

/** pg's options for a server, or the first of several: discrete, with `ssl` always explicit, never a connection string. */
export interface ConnectionOptions {
  host: string;
  port: number;
  /** Where there are several, or the one must have a role. */
  hosts?: readonly HostOptions[];
  targetSessionAttrs?: TargetSessionAttrs;
  loadBalanceHosts?: LoadBalanceHosts;
  user: string;
  password?: string | (() => string);
  passwordFile?: string;
  database: string;
  ssl: Exclude<pg.PoolConfig["ssl"], undefined>;
  enableChannelBinding?: true;
  requireChannelBinding?: true;
  sslnegotiation?: "postgres" | "direct";
  application_name?: string;
  options?: string;
  statement_timeout?: number;
  lock_timeout?: number;
  idle_in_transaction_session_timeout?: number;
}

export interface ReadConnection {
  /** Missing when there are faults. */
  readonly options?: ConnectionOptions;
  /** The URL's own words about the pool: connection_limit, pool_timeout, pgbouncer. */
  readonly url?: DatabaseUrl;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

const SSL_WORDS = /* @__PURE__ */ Object.keys(DATABASE_SSL_MODES);

function isDatabaseSsl(text: string): text is DatabaseSsl {
  return Object.hasOwn(DATABASE_SSL_MODES, text);
}

export interface ReadTlsSettings {
  /** Missing when there are faults. */
  readonly tls?: TlsSettings;
  readonly faults: readonly string[];
}

/** Reads DATABASE_SSL and DATABASE_SSL_CA. */
export function readTlsSettings(env: Environment): ReadTlsSettings {
  const { DATABASE_SSL: ssl, DATABASE_SSL_CA: authorities } = env;
  const faults: string[] = [];
  const tls: { databaseSsl?: DatabaseSsl; ca?: string } = {};
  if (ssl === "") faults.push(`DATABASE_SSL is empty; remove it or give ${oneOf(SSL_WORDS)}`);
  else if (ssl !== undefined && isDatabaseSsl(ssl)) tls.databaseSsl = ssl;
  else if (ssl !== undefined) {
    faults.push(
      `DATABASE_SSL is ${quote(ssl)}; it must be ${oneOf(SSL_WORDS)}, for example DATABASE_SSL=verify-full`,
    );
  }
  if (authorities === "") {
    faults.push("DATABASE_SSL_CA is empty; remove it or give the path of a PEM file, or PEM text");
  } else if (authorities !== undefined) {
    const read = readAuthorities(authorities, "DATABASE_SSL_CA");
    if ("fault" in read) faults.push(read.fault);
    else tls.ca = read.ca;
  }
  return faults.length > 0 ? { faults } : { tls, faults };
}

/**
 * Reads one URL and decides about its TLS. Reports faults instead of throwing, so that all can be told at once.
 *
 * @param tls left out where it has faults of its own: then nothing is decided that would only follow from them.
 */
export function readConnection(
  text: string | undefined,
  variable: string,
  tls?: TlsSettings,
): ReadConnection {
  const { url, faults: urlFaults } = parseDatabaseUrl(text, variable);
  if (url === undefined) return { faults: urlFaults, warnings: [] };
  if (tls === undefined) return { url, faults: [], warnings: [] };

  let ca = tls.ca;
  if (ca === undefined && url.sslrootcert !== undefined) {
    const read = readAuthorities(url.sslrootcert, `sslrootcert in ${variable}`);
    if ("fault" in read) return { url, faults: [read.fault], warnings: [] };
    ca = read.ca;
  }

  const { connectTimeoutMs, connectionLimit, poolTimeoutMs, pgbouncer, sslmode, sslrootcert, ...rest } = url;
  const {
    hosts: addresses = [url],
    targetSessionAttrs = "any",
    loadBalanceHosts = "disable",
    ...options
  } = rest;
  const faults = new Set<string>();
  const warnings = new Set<string>();
  const hosts = addresses.map(({ host, port }): HostOptions & Pick<ConnectionOptions, "ssl"> => {
    const decided =
      tls.ssl !== undefined && sslmode === undefined
        ? { ssl: tls.ssl, reason: "the option ssl says so" }
        : decideSsl({ host, sslmode, databaseSsl: tls.databaseSsl, ca, variable });
    if ("fault" in decided) {
      faults.add(decided.fault);
      return { host, port, ssl: false };
    }
    if ("warning" in decided && decided.warning !== undefined) warnings.add(decided.warning);
    const needsTls = [
      url.requireChannelBinding && "channel_binding=require",
      url.sslnegotiation === "direct" && "sslnegotiation=direct",
    ].filter((each) => typeof each === "string");
    if (needsTls.length > 0 && decided.ssl === false) {
      faults.add(
        `${variable} has ${needsTls.join(" and ")}, which needs TLS, but TLS is off because ${decided.reason}; remove it, or write sslmode=require`,
      );
    }
    return { host, port, ssl: decided.ssl };
  });
  if (faults.size > 0) return { url, faults: [...faults], warnings: [] };
  const several =
    hosts.length > 1 || targetSessionAttrs !== "any"
      ? { hosts: Object.freeze(hosts), targetSessionAttrs, loadBalanceHosts }
      : {};
  return {
    options: { ...options, ssl: hosts[0]?.ssl ?? false, ...several },
    url,
    faults: [],
    warnings: [...warnings],
  };
}

/** DATABASE_PASSWORD_FILE, in place of a password in DATABASE_URL. */
export function withPasswordFile(connection: ReadConnection, file: string | undefined): ReadConnection {
  if (file === undefined) return connection;
  const name = "DATABASE_PASSWORD_FILE";
  if (file === "") {
    const fault = `${name} is empty; remove it or give the path of a file that holds the password`;
    return { ...connection, faults: [...connection.faults, fault] };
  }
  const fault =
    connection.options?.password === undefined
      ? passwordFileFault(name, file)
      : `${name} is set, and DATABASE_URL has a password as well; take one of them away`;
  if (fault !== undefined) return { ...connection, faults: [...connection.faults, fault] };
  if (connection.options === undefined) return connection;
  const options = { ...connection.options, password: passwordFrom(file), passwordFile: file };
  return { ...connection, options };
}

/** What a URL says of the pool, as options of it. */
export interface UrlPoolOptions {
  readonly max?: number | undefined;
  readonly connectionTimeoutMillis?: number | undefined;
  readonly prepare?: "off" | undefined;
  readonly pooler?: "transaction" | undefined;
}

export function poolOptionsOf(url: DatabaseUrl): UrlPoolOptions {
  const sharesSessions = url.pgbouncer || (url.hosts ?? [url]).some(forgetsStatements);
  return {
    max: url.connectionLimit,
    connectionTimeoutMillis: url.poolTimeoutMs ?? url.connectTimeoutMs,
    prepare: sharesSessions ? "off" : undefined,
    pooler: sharesSessions ? "transaction" : undefined,
  };
}

/**
 * Reads the connection string that code gives, with the meaning that it has as DATABASE_URL.
 *
 * @param ssl the option beside it.
 */
export function readConnectionString(text: string, ssl: pg.PoolConfig["ssl"]) {
  const { tls, faults } = readTlsSettings(process.env);
  const read = readConnection(text, "connectionString", tls && { ...tls, ssl });
  return {
    connection: read.options,
    pool: read.url === undefined ? {} : poolOptionsOf(read.url),
    faults: [...read.faults, ...faults],
    warnings: read.warnings,
  };
}

/**
 * pg's options for a database URL under the TLS settings of the environment, for connections outside the pool
 * (migrations, tools).
 *
 * @param variable where the URL comes from, for messages
 * @throws {PoolConfigError} listing every fault of the URL, DATABASE_SSL and DATABASE_SSL_CA.
 */
export function connectionOptions(
  url: string | undefined,
  env: Environment,
  variable = "DATABASE_URL",
): ConnectionOptions {
  const { tls, faults } = readTlsSettings(env);
  const connection = readConnection(url, variable, tls);
  if (connection.options === undefined || faults.length > 0) {
    throw new PoolConfigError([...connection.faults, ...faults]);
  }
  return connection.options;
}
