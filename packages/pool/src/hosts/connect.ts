import type pg from "pg";
import type { HostsOptions } from "../config/session-target.ts";
import { WrongRoleError } from "../errors/errors.ts";
import type { Host } from "./host.ts";
import { type Hosts, hostsOf, optionsAt } from "./hosts.ts";
import { ReportedRole } from "./reported-role.ts";

/** A client for a host, which is judged once it is connected. */
export interface HostedClient<C extends pg.Client> {
  readonly client: C;
  readonly host: Host;
  /** Connects. @throws what connecting has thrown; {WrongRoleError} the server is not the one that is wanted: it is cut off. */
  connect(): Promise<void>;
}

/** A client for the host that is the best choice now, or for one that is given. */
export function makeHosted<C extends pg.Client>(
  hosts: Hosts,
  makeClient: (at: <O extends object>(options: O) => O) => C,
  host = hosts.pick(),
): HostedClient<C> {
  const client = makeClient((options) => optionsAt(options, host));
  const reported = new ReportedRole(client, (seen) => hosts.note(host, seen));
  return {
    client,
    host,
    async connect() {
      const end = hosts.begin(host);
      try {
        await client.connect();
        await reported.admit(hosts, host);
        end();
      } catch (error) {
        end(error);
        client.connection.stream.destroy();
        throw error;
      }
    },
  };
}

/**
 * Connects one client outside of a pool: to its server, or to the first of several that is the one wanted, the best choice first.
 *
 * @param makeClient is given the options of one host.
 * @throws {WrongRoleError} none that answers is the one that is wanted; else what connecting to the last has thrown.
 */
export async function connectClient<C extends pg.Client, O extends HostsOptions>(
  options: O,
  makeClient: (options: O) => C,
): Promise<C> {
  const hosts = hostsOf(options);
  if (hosts === undefined) {
    const client = makeClient(options);
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
  }
  let failure: unknown;
  const tried = new Set<Host>();
  while (tried.size < hosts.all.length) {
    const best = hosts.pick();
    // What has just failed is tried again only after the others.
    const host = tried.has(best) ? (hosts.all.find((each) => !tried.has(each)) ?? best) : best;
    tried.add(host);
    const hosted = makeHosted(hosts, (at) => makeClient(at(options)), host);
    try {
      await hosted.connect();
      return hosted.client;
    } catch (error) {
      if (!(failure instanceof WrongRoleError)) failure = error;
    }
  }
  throw failure;
}
