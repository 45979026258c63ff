import { repositoryRoot } from "@openhouse/pool-testing";
import { BackendWatch } from "./backends.ts";
import { DevPortal, type PortalDatabase } from "./dev-portal.ts";
import { EditableCopy, PORTALS } from "./editable-copy.ts";
import { untilTold } from "./figures.ts";

/** At the start; `changeSettings()` takes others. */
export const FIRST_MAX = 5;

/** Both portals under `next dev`, in a copy of the checkout, with the server's view of their connections. */
export class Laboratory {
  readonly copy: EditableCopy;
  readonly watch: BackendWatch;
  readonly portals: readonly DevPortal[];
  /** As the superuser. */
  readonly serverUrl: string;

  private constructor(
    copy: EditableCopy,
    watch: BackendWatch,
    portals: readonly DevPortal[],
    serverUrl: string,
  ) {
    this.copy = copy;
    this.watch = watch;
    this.portals = portals;
    this.serverUrl = serverUrl;
  }

  /**
   * @param serverUrl as the superuser, who sees everybody's backends.
   * @param databases one for each portal; they must be migrated.
   */
  static async open(serverUrl: string, databases: readonly PortalDatabase[]): Promise<Laboratory> {
    const copy = new EditableCopy(repositoryRoot());
    const portals: DevPortal[] = [];
    let watch: BackendWatch | undefined;
    try {
      copy.saveSettings(poolSettings(FIRST_MAX));
      watch = await BackendWatch.open(serverUrl, new URL(databases[0]?.appUrl ?? "").username);
      const starting = PORTALS.map(async (name, index) => {
        const database = databases[index];
        if (database === undefined) throw new Error(`There is no database for the ${name}.`);
        const portal = await DevPortal.start(copy, name, database);
        portals[index] = portal;
      });
      const settled = await Promise.allSettled(starting);
      for (const each of settled) if (each.status === "rejected") throw each.reason;
      const laboratory = new Laboratory(copy, watch, portals, serverUrl);
      await laboratory.#compileEverything();
      return laboratory;
    } catch (error) {
      await close(portals, watch, copy);
      throw error;
    }
  }

  close(): Promise<void> {
    return close(this.portals, this.watch, this.copy);
  }

  /** Next compiles a route when it is first asked for. */
  async #compileEverything(): Promise<void> {
    await Promise.all(this.portals.map((portal) => untilTold(this.watch, portal, "max", FIRST_MAX)));
  }
}

/**
 * Idle connections are kept for ever, because a leak that closes itself after a while would not be seen. The times are
 * such that a busy machine makes nobody give up.
 */
export function poolSettings(max: number): Record<string, number> {
  return {
    DB_POOL_MAX: max,
    DB_POOL_MIN: 2,
    DB_POOL_IDLE_MS: 0,
    DB_POOL_CONN_TIMEOUT_MS: 30_000,
    DB_QUERY_TIMEOUT_MS: 0,
  };
}

async function close(
  portals: readonly DevPortal[],
  watch: BackendWatch | undefined,
  copy: EditableCopy,
): Promise<void> {
  try {
    await Promise.all(portals.map((portal) => portal.stop()));
    await watch?.close();
  } finally {
    copy.remove();
  }
}
