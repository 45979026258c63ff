import { quote, wholeNumber } from "./fault-messages.ts";
import { isIPv6 } from "./ip-address.ts";
import { DEFAULT_PORT, readParameters, type UrlParameters } from "./url-parameters.ts";

/** One server's. `host` is a name, an IP address without brackets, or a Unix socket's directory. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A database URL, taken apart. `host` and `port` are the first host's. */
export interface DatabaseUrl extends Omit<UrlParameters, "ports"> {
  host: string;
  port: number;
  /** All of them, where there are several. */
  hosts?: readonly Address[];
  user: string;
  password?: string;
  database: string;
}

export interface ParsedDatabaseUrl {
  /** Missing when there are faults. */
  readonly url?: DatabaseUrl;
  readonly faults: readonly string[];
}

const EXAMPLE = "postgres://user:password@host:5432/database";
const ENCODING = "# -> %23, / -> %2F, ? -> %3F, @ -> %40, % -> %25, space -> %20";
const PRISMA =
  "is Prisma's own protocol, which only Prisma's client speaks; copy the direct (TCP) connection string from Prisma's console, which begins with postgres://";

const OTHER_SCHEMES: ReadonlyMap<string, string> = new Map([
  ["prisma", PRISMA],
  ["prisma+postgres", PRISMA],
  ["mysql", "is MySQL's; this needs a PostgreSQL server"],
  ["mariadb", "is MariaDB's; this needs a PostgreSQL server"],
  ["mongodb", "is MongoDB's; this needs a PostgreSQL server"],
  ["mongodb+srv", "is MongoDB's; this needs a PostgreSQL server"],
  ["sqlite", "is SQLite's; this needs a PostgreSQL server"],
  ["file", "is a file's; this needs a PostgreSQL server"],
  ["http", "is a web address; copy the database's connection string, not the address of its API or console"],
  ["https", "is a web address; copy the database's connection string, not the address of its API or console"],
]);

/**
 * Reads a database URL strictly: what libpq, pg and WHATWG URL would each mend in their own way is a fault.
 * Faults name `variable` and never show a password: a URL that cannot be taken apart safely is not shown at all.
 */
export function parseDatabaseUrl(url: string | undefined, variable = "DATABASE_URL"): ParsedDatabaseUrl {
  const fault = faultOfWhole(url) ?? faultOfEncoding(url ?? "");
  const { faults, ...parsed } = fault === undefined ? parse(url ?? "") : { faults: [fault] };
  return { ...parsed, faults: faults.map((each) => `${variable} ${each}`) };
}

function faultOfWhole(url: string | undefined): string | undefined {
  if (url === undefined) return `is not set; write ${EXAMPLE}`;
  if (url === "") return `is empty; remove it or give ${EXAMPLE}`;
  if (url !== url.trim()) return `has spaces or line breaks around it; remove them`;
  if (/^["'`]|["'`]$/.test(url)) return `has quotes around it that are part of its value; remove them`;
  if (/^psql\s/.test(url))
    return `begins with the command psql; keep only the postgres://... part, without quotes`;
  if (/^[A-Z_]+=/.test(url)) return `begins with a variable's name; keep only what comes after the =`;
  if (/\[YOUR[-_ ]PASSWORD\]/i.test(url))
    return `still holds the placeholder [YOUR-PASSWORD]; put the password there`;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === "postgres" || scheme === "postgresql") return undefined;
  const known = scheme === undefined ? undefined : OTHER_SCHEMES.get(scheme);
  return known === undefined
    ? `does not begin with postgres:// or postgresql://; write ${EXAMPLE}`
    : `begins with ${scheme}://, which ${known}`;
}

function afterScheme(url: string): string {
  return url.slice(url.indexOf("://") + 3);
}

/**
 * Raw characters that move the borders between user, password, host and database. Past this check there is at
 * most one @, and it stands before the host, so nothing behind it is a piece of a password and may be shown.
 */
function faultOfEncoding(url: string): string | undefined {
  const rest = afterScheme(url);
  const authority = rest.search(/[/?]/);
  const lastAt = rest.lastIndexOf("@");
  const raw = [
    rest.includes("#") && `"#"`,
    rest.indexOf("@") !== lastAt && `second "@"`,
    authority >= 0 && lastAt > authority && `"${rest[authority]}" before an "@"`,
    /%(?![0-9a-f]{2})/i.test(rest) && `"%" that begins no percent-encoding`,
    /\s/.test(rest) && "space",
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\x00-\x08\x0e-\x1f\x7f]|%00/.test(rest) && "control character",
  ].filter((each) => each !== false);
  if (raw.length === 0) return undefined;
  return `has a raw ${raw.join(" and a raw ")}; in user, password and values such characters are percent-encoded (${ENCODING}), for example postgres://user:pa%23ss@host:5432/database`;
}

interface TakenApart {
  readonly url?: DatabaseUrl;
  readonly faults: readonly string[];
}

function parse(text: string): TakenApart {
  const parts = /^(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(afterScheme(text));
  const [, userInfoPart, address = "", path = "", query = ""] = parts ?? [];
  if (userInfoPart === undefined && address !== "" && !/^%2f/i.test(address)) {
    // Without an @, what stands in the host's place may be user:password, so nothing of it is shown.
    return { faults: [`names no user before the host; write ${EXAMPLE}`] };
  }

  const faults: string[] = [];
  const decode = (what: string, encoded: string): string => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      faults.push(`has a ${what} whose percent-encoding is not UTF-8; encode it anew`);
      return "";
    }
  };

  const colon = userInfoPart?.indexOf(":") ?? -1;
  const name = colon < 0 ? userInfoPart : userInfoPart?.slice(0, colon);
  const password = colon < 0 ? "" : decode("password", userInfoPart?.slice(colon + 1) ?? "");
  const database = decode("database name", path);

  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair): [string, string] => {
      const equals = pair.indexOf("=");
      const key = equals < 0 ? pair : pair.slice(0, equals);
      return [decode("parameter", key), equals < 0 ? "" : decode("parameter", pair.slice(equals + 1))];
    });
  if (query.includes("+"))
    faults.push(
      'has a raw "+" in its query, which is a space to some readers; write %20 for a space, %2B for a plus',
    );
  const { parameters, faults: parameterFaults } = readParameters(pairs);
  faults.push(...parameterFaults.map((fault) => `has a fault in its query: ${fault}`));

  const { ports: _ports, ...rest } = parameters;
  const { addresses, faults: addressFaults } = readAddresses(address, parameters);
  faults.push(...addressFaults);
  const [{ host, port } = { host: "", port: 0 }] = addresses;
  const hosts = addresses.length > 1 ? { hosts: addresses } : {};
  const user = name
    ? decode("user", name)
    : host.startsWith("/")
      ? process.getBuiltinModule("node:os").userInfo().username
      : "";
  if (user === "" && !name) faults.push(`names no user; write ${EXAMPLE}`);
  if (path === "") faults.push(`names no database; write it after the host: ${EXAMPLE}`);
  else if (path.includes("/"))
    faults.push(`has a raw "/" in the database name; write it %2F, or remove what follows the name`);

  if (faults.length > 0) return { faults };
  return { url: { ...rest, host, port, ...hosts, user, ...(password && { password }), database }, faults };
}

/** The hosts and ports of the authority, or of the query where the authority leaves them out. */
function readAddresses(
  address: string,
  parameters: UrlParameters,
): { addresses: readonly Address[]; faults: readonly string[] } {
  const faults = new Set<string>();
  const inQuery = parameters.host?.split(",");
  // Cloud SQL's and Prisma's way to write a socket: a placeholder for a host, and the directory in the query.
  const isReplaced = address === "" || inQuery?.every((each) => each.startsWith("/")) === true;
  if (inQuery !== undefined && !isReplaced)
    faults.add("names a host twice, before the database and as ?host=; keep one");
  const hasPort = !isReplaced || inQuery === undefined || !address.includes(",");
  const written = (hasPort ? address : "").split(",").map((each) => readAddress(each, isReplaced, faults));
  const hosts = isReplaced && inQuery !== undefined ? inQuery : written.map(({ host }) => host);
  if (hosts.includes("")) {
    faults.add(
      hosts.length === 1
        ? `names no host; write ${EXAMPLE}, or ?host=/var/run/postgresql for a Unix socket`
        : "names no host between two commas; remove one comma",
    );
  }
  for (const host of isReplaced ? hosts : []) addHostFault(host, faults);

  const portsWritten = written.map(({ port }) => port).filter((port) => port !== undefined);
  const { ports = [] } = parameters;
  if (ports.length > 0 && portsWritten.length > 0)
    faults.add("names a port twice, after the host and as ?port=; keep one");
  if (ports.length > 1 && ports.length !== hosts.length)
    faults.add(
      `names ${ports.length} ports for ${hosts.length === 1 ? "1 host" : `${hosts.length} hosts`}; give one port, or one for each`,
    );
  const addresses = hosts.map((host, index) => {
    const ownPort = written.length === hosts.length ? written[index]?.port : written[0]?.port;
    return { host, port: ownPort ?? ports[index] ?? ports[0] ?? DEFAULT_PORT };
  });
  return { addresses, faults: [...faults] };
}

/** One of the authority. @param isReplaced its host is a placeholder, whose port counts. */
function readAddress(
  address: string,
  isReplaced: boolean,
  faults: Set<string>,
): { host: string; port?: number } {
  if (isIPv6(address)) {
    faults.add(`has an IPv6 address without brackets; write [${address}]`);
    return { host: address };
  }
  const [, written = "", portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(address) ?? [];
  // Behind an IPv6 address a percent sign begins its zone (RFC 6874).
  const host = written
    .replace(/^\[(.*)\]$/, "$1")
    .replaceAll(/%2f/gi, "/")
    .replace(/^([\da-f:.]+)%25/i, "$1%");
  if (!isReplaced && written.startsWith("[") && !isIPv6(host))
    faults.add(`has ${quote(written)} for a host; brackets are for IPv6 addresses such as [::1]`);
  else if (!isReplaced) addHostFault(host, faults);

  if (portText === undefined) return { host };
  const port = wholeNumber(portText, 1, 65_535);
  if (port === undefined)
    faults.add(
      `has ${quote(portText)} for a port; it must be a whole number from 1 to 65535, for example 5432`,
    );
  return { host, port: port ?? 0 };
}

function addHostFault(host: string, faults: Set<string>): void {
  if (host === "" || host.startsWith("/") || isIPv6(host) || /^[\w.-]+$/.test(host)) return;
  faults.add(`has ${quote(host)} for a host; a host name has letters, digits, "-" and "." only`);
}
