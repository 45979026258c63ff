import { hostname } from "node:os";
import { processGlobal } from "@openhouse/pool/process";

/** As many bytes as Postgres keeps of an application_name. */
const MOST_BYTES = 63;
/** Hosts' names differ at their end, as Kubernetes gives them; what stands in front would leave no room for a route. */
const HOST_LENGTH = 12;

interface Named {
  name: string | undefined;
  route: () => string | undefined;
}

const named = processGlobal<Named>("db/application-name", () => ({
  name: undefined,
  route: () => undefined,
}));

/**
 * Says what `pg_stat_activity` calls this process's connections: `openhouse/<portal>@<instance>`, and while one works for a
 * tenant ` <route>` behind it. The name in DATABASE_URL or PGAPPNAME counts before it.
 *
 * @param route of the request that the running code answers.
 */
export function nameProcess(portal: string, route: () => string | undefined = () => undefined): void {
  const host = hostname().replace(/[^\w.-]/g, "-");
  named.name = `openhouse/${portal}@${host.slice(-HOST_LENGTH)}-${process.pid}`;
  named.route = route;
}

/** The process's; undefined where it was given none. */
export function applicationName(): string | undefined {
  return named.name;
}

/** The route of the request that the running code answers, as a pattern; undefined where it answers none. */
export function currentRoute(): string | undefined {
  return named.route();
}

/** The setting that names the route while its scope lasts: it travels with the scope's own. */
export function routeSetting(): { application_name?: string } {
  const route = named.name === undefined ? undefined : named.route();
  if (route === undefined) return {};
  return { application_name: asciiOf(`${named.name} ${route}`) };
}

function asciiOf(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, MOST_BYTES);
}
