import {
  asSuperuser,
  type EmbeddedPostgres,
  type Standby,
  startEmbeddedPostgres,
  startStandby,
} from "@openhouse/pool-testing";
import { LEDGER } from "./failover-ledger.ts";

/** A primary with an empty ledger, and its standby. */
export interface ServerPair {
  readonly primary: EmbeddedPostgres;
  readonly standby: Standby;
  /** A URL of both, the primary first. @param query behind the question mark. */
  url(query?: string): string;
  stop(): Promise<void>;
}

const NAME = "second";

/** @param synchronous a commit is told done once the standby has it. */
export async function startPair({ synchronous = false } = {}): Promise<ServerPair> {
  const primary = await startEmbeddedPostgres({ name: "first", log: () => {} });
  try {
    await asSuperuser(primary.url, (client) => client.query(LEDGER));
    const standby = await startStandby(primary, { name: NAME });
    if (synchronous) {
      await asSuperuser(primary.url, async (client) => {
        await client.query(`alter system set synchronous_standby_names = '${NAME}'`);
        await client.query("select pg_reload_conf()");
      });
    }
    await standby.catchUp();
    return {
      primary,
      standby,
      url: (query = "target_session_attrs=primary") => severalHosts([primary, standby], query),
      stop: async () => {
        await Promise.all([primary.stop("immediate"), standby.stop("immediate")]);
      },
    };
  } catch (error) {
    await primary.stop("immediate");
    throw error;
  }
}

/** One URL for servers that have the same roles and passwords. */
export function severalHosts(
  servers: readonly { readonly url: string; readonly port: number }[],
  query = "target_session_attrs=primary",
): string {
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(",");
  return `${(servers[0]?.url ?? "").replace(/@[^/]*/, `@${hosts}`)}?${query}`;
}
