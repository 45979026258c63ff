import type { Check } from "../check.ts";
import { ok, warn, wrong } from "../finding.ts";

export const environment: Check = {
  id: "environment",
  title: "settings and URLs",
  why: "a process does not start with a wrong setting, and one that is misspelt has no effect",
  look(examination) {
    const { settingsFaults } = examination;
    if (settingsFaults.length > 0) return settingsFaults.map((fault) => wrong(fault, "the setting it names"));
    return examination.settings.warnings.map((warning) => warn(warning, "the setting it names"));
  },
};

const ADVICE: Readonly<Record<string, string>> = {
  auth: "the password and the role in the URL; pg_hba.conf or the provider's list of addresses",
  tls: "DATABASE_SSL_CA with the authority's certificate, or DATABASE_SSL",
  dns: "the host in the URL",
  connection_refused: "the host and port in the URL; whether the server runs",
  timeout: "the host in the URL; a firewall on the way",
  too_many_connections: "DB_POOL_MAX, instances, or the limit that is reached",
};

export const connect: Check = {
  id: "connect",
  title: "whether the URLs lead to a connection",
  why: "every page of a portal answers 503, and migrations do not run",
  look(examination) {
    const { settings, connectFaults } = examination;
    const url = `${settings.options.host}:${settings.options.port}/${settings.options.database}`;
    if (connectFaults.length === 0) return [ok(`as ${settings.options.user} on ${url}`)];
    return connectFaults.map(({ variable, kind, sqlstate }) =>
      wrong(
        `${variable} leads to no connection: ${kind}${sqlstate ? ` (${sqlstate})` : ""}`,
        ADVICE[kind] ?? variable,
        variable,
      ),
    );
  },
};
