import type { ConnectionOptions } from "node:tls";
import type pg from "pg";
import { classifyHost, type HostKind } from "./host-kind.ts";
import { isIP } from "./ip-address.ts";

/** `sslmode` of a URL. `allow` and `prefer` demand nothing: the host decides. */
export const SSL_MODES = [
  "disable",
  "allow",
  "prefer",
  "no-verify",
  "require",
  "verify-ca",
  "verify-full",
] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Values of `DATABASE_SSL`, with the mode each stands for. */
export const DATABASE_SSL_MODES = {
  true: "require",
  require: "require",
  false: "disable",
  disable: "disable",
  "no-verify": "no-verify",
  "verify-ca": "verify-ca",
  "verify-full": "verify-full",
} as const satisfies Record<string, SslMode>;
export type DatabaseSsl = keyof typeof DATABASE_SSL_MODES;

/** In place of a CA: the roots Node.js trusts (NODE_EXTRA_CA_CERTS included). */
export const SYSTEM_CA = "system";

export interface SslRequest {
  /** A name, an IP address without brackets, or the directory of a Unix socket. */
  readonly host: string;
  /** From the URL. */
  readonly sslmode?: SslMode | undefined;
  /** From DATABASE_SSL; wins unless it is weaker than `sslmode`. */
  readonly databaseSsl?: DatabaseSsl | undefined;
  /** PEM text of the authorities to trust, or "system". */
  readonly ca?: string | undefined;
  /** The variable that holds the URL, for messages. @default "DATABASE_URL" */
  readonly variable?: string | undefined;
}

export interface SslDecision {
  /** For pg; always explicit, because pg reads PGSSLMODE where it is missing. */
  readonly ssl: false | ConnectionOptions;
  readonly decision: "off" | "encrypted" | "verify-ca" | "verify-full";
  readonly reason: string;
  /** To be logged once. */
  readonly warning?: string;
}

export interface SslFault {
  readonly fault: string;
}

const STRENGTH: Record<SslMode, number> = {
  disable: 0,
  allow: 0,
  prefer: 0,
  "no-verify": 1,
  require: 2,
  "verify-ca": 3,
  "verify-full": 4,
};

type Outcome = SslDecision["decision"] | "fault";

interface Rule {
  readonly withCa: Outcome;
  readonly withoutCa: Outcome;
  readonly reason: string;
}

const always = (outcome: Outcome, reason: string): Rule => ({ withCa: outcome, withoutCa: outcome, reason });

const VERIFIABLE: Rule = /* @__PURE__ */ always(
  "verify-full",
  "certificates of this host are signed by a public authority",
);
const OWN_CA: Rule = {
  withCa: "verify-full",
  withoutCa: "encrypted",
  reason: "this host's certificate is not signed by a public authority",
};

/** No mode was asked for. A CA that was given for a host on a private network asks for TLS all the same. */
const BY_HOST: Record<Exclude<HostKind, "socket">, Rule> = {
  loopback: /* @__PURE__ */ always("off", "the host is this machine"),
  private: { withCa: "verify-full", withoutCa: "off", reason: "the host is on a private network" },
  "public-ca": VERIFIABLE,
  "private-ca": OWN_CA,
  unknown: /* @__PURE__ */ always(
    "verify-full",
    "the host is not known to be local or to have an authority of its own",
  ),
};

function ruleFor(mode: SslMode | undefined, kind: HostKind): Rule {
  // As in libpq, whose server does not speak TLS there either.
  if (kind === "socket") return always("off", "a Unix socket does not leave this machine");
  const asked = "the settings ask for it";
  switch (mode) {
    case undefined:
    case "allow":
    case "prefer":
      return BY_HOST[kind];
    case "disable":
      return always("off", asked);
    case "no-verify":
      return always("encrypted", asked);
    case "require":
      return kind === "loopback" || kind === "private" ? OWN_CA : BY_HOST[kind];
    case "verify-ca":
      return { withCa: "verify-ca", withoutCa: "fault", reason: asked };
    case "verify-full":
      return kind === "private-ca"
        ? { withCa: "verify-full", withoutCa: "fault", reason: asked }
        : always("verify-full", asked);
  }
}

/**
 * Decides about TLS from the settings and the kind of host. Never weaker than what either setting asks for;
 * only a host with an authority of its own is spoken to unverified, with a warning.
 */
export function decideSsl(request: SslRequest): SslDecision | SslFault {
  const { host, sslmode, databaseSsl, ca, variable = "DATABASE_URL" } = request;
  const ours = databaseSsl === undefined ? undefined : DATABASE_SSL_MODES[databaseSsl];
  if (ours !== undefined && sslmode !== undefined && STRENGTH[ours] < STRENGTH[sslmode]) {
    return {
      fault: `DATABASE_SSL=${databaseSsl} is weaker than sslmode=${sslmode} in ${variable}; remove one of them, or write DATABASE_SSL=${sslmode}`,
    };
  }

  const mode = ours ?? sslmode;
  const asked = ours !== undefined ? `DATABASE_SSL=${databaseSsl}` : `sslmode=${sslmode} in ${variable}`;
  if (mode === "verify-ca" && ca === SYSTEM_CA) {
    return {
      fault: `${asked} with the system's authorities would accept anybody's public certificate; write verify-full`,
    };
  }

  const { kind, provider } = classifyHost(host);
  const rule = ruleFor(mode, kind);
  const outcome = ca === undefined ? rule.withoutCa : rule.withCa;
  const at = provider === undefined ? "the host" : provider;
  if (outcome === "fault") {
    return {
      fault: `${asked} needs the certificate authority of ${at}; give it as DATABASE_SSL_CA=/path/to/ca.pem (a path or PEM text)${mode === "verify-ca" ? ", or write verify-full for a public authority" : ""}`,
    };
  }
  const decision = { ssl: toOptions(outcome, host, ca), decision: outcome, reason: rule.reason };
  const warning = warningFor(outcome, mode, kind, ca, at, variable);
  return warning === undefined ? decision : { ...decision, warning };
}

function toOptions(
  decision: SslDecision["decision"],
  host: string,
  ca: string | undefined,
): SslDecision["ssl"] {
  if (decision === "off") return false;
  const options: ConnectionOptions = { rejectUnauthorized: decision !== "encrypted" };
  if (isIP(host) === 0) options.servername = host; // RFC 6066 allows no address there
  if (decision !== "encrypted" && ca !== undefined && ca !== SYSTEM_CA) options.ca = ca;
  if (decision === "verify-ca") options.checkServerIdentity = () => undefined;
  return options;
}

function warningFor(
  decision: SslDecision["decision"],
  mode: SslMode | undefined,
  kind: HostKind,
  ca: string | undefined,
  at: string,
  variable: string,
): string | undefined {
  if (decision === "encrypted" && mode !== "no-verify" && kind !== "loopback") {
    return `${variable}: the connection is encrypted, but who answers is not verified, because the authority of ${at} is not known here. Give it as DATABASE_SSL_CA=/path/to/ca.pem (a path or PEM text), or accept this with DATABASE_SSL=no-verify`;
  }
  if (decision === "off" && ca !== undefined && mode !== "disable") {
    const why =
      kind === "socket"
        ? "a Unix socket has none"
        : "the host is this machine. Write DATABASE_SSL=verify-full to turn it on";
    return `${variable}: DATABASE_SSL_CA or sslrootcert is given but not used: TLS is off because ${why}`;
  }
  return undefined;
}

/**
 * Keeps PGSSLNEGOTIATION=direct from a connection without TLS, which pg would refuse to make.
 *
 * @returns a copy with all properties, those that are not enumerable too, such as the password.
 */
export function withOwnNegotiation<T extends pg.ClientConfig>(options: T): T {
  if (options.ssl !== false || options.sslnegotiation !== undefined) return options;
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(options), sslnegotiation: { value: "postgres", enumerable: true } },
  ) as T;
}
