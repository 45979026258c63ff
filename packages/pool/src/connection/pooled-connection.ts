import type pg from "pg";
import type { Host } from "../hosts/host.ts";
import type { IdleItem } from "./idle-stack.ts";
import { LastSeen } from "./last-seen.ts";
import { expiryOf } from "./max-lifetime.ts";

/** What the pool knows of one connection. */
export class PooledConnection implements IdleItem {
  readonly client: pg.PoolClient;
  /** Connections of an older generation than the pool's are replaced. */
  readonly generation: number;
  readonly expiresAtMs: number;
  /** Which of several servers it goes to. */
  readonly host: Host | undefined;
  /** To be pinged before its next use: another one was lost. */
  needsPing = false;
  /** Whether somebody holds it, or the pool itself does: it is being pinged or reset. */
  isCheckedOut = true;
  isResetting = false;
  /** Its socket keeps the process, as an open one does that nobody has told otherwise. */
  holdsProcess = true;
  /** The log has why the server has ended it. */
  isEndTold = false;
  uses = 0;
  idleSinceMs = 0;
  /** When the server was last seen to be there. */
  readonly lastSeenAt = new LastSeen();

  constructor(client: pg.PoolClient, generation: number, maxLifetimeMs: number, host?: Host) {
    this.client = client;
    this.generation = generation;
    this.host = host;
    this.expiresAtMs = expiryOf(maxLifetimeMs);
  }
}
