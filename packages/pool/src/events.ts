import { EventEmitter } from "node:events";
import type { LeakReport } from "./acquire/leak-detection.ts";
import { tellListeners } from "./async/foreign-code.ts";
import type { HostRole } from "./hosts/host.ts";
import type { ErrorDescription } from "./telemetry/logger.ts";
import type { DestroyReason } from "./telemetry/stats.ts";

/** What `pool.events` tells, beside pg-pool's own events on the pool itself. None carries SQL, parameters or rows. */
export interface PoolEvents {
  /** The error tells who holds connections and why connecting has failed. */
  acquireTimeout: [{ waitedMs: number; error: Error }];
  acquireCanceled: [{ waitedMs: number }];
  shed: [{ waitingCount: number; error: Error }];
  connectFailed: [ErrorDescription];
  /** The first connection after so many attempts that failed, and how long ago the first of them began. */
  recovered: [{ outageMs: number; failures: number }];
  /** Statements are named by themselves no longer: what stands in front of the server has lost so many names, or was found and may. */
  namesOff: [{ losses: number; reason: "names_lost" | "pooler" }];
  destroyed: [{ reason: DestroyReason }];
  /** A connection is held longer than the threshold. */
  leak: [LeakReport];
  /** One that was reported as leaked came back after all. */
  leakReturned: [LeakReport];
  /** Code that holds a connection asked for another one. In development, once per call site. */
  nestedAcquire: [{ callSite: string }];
  /** The server has ended the session of a connection that is in use, and has said why. */
  ended: [ErrorDescription & Partial<LeakReport>];
  /** One of several servers could not be reached, or is not the one that is wanted; told once until that changes. */
  hostFailed: [ErrorDescription & { server: string }];
  hostRoleChanged: [{ server: string; from: HostRole; to: HostRole }];
  /** A server that takes itself for the primary writes an older timeline than another: its connections were cut. */
  hostFenced: [{ server: string; timeline: string; newestTimeline: string }];
  /** The server went away: every connection is being replaced. */
  retired: [{ generation: number }];
}

/** Listeners only look on: one that throws stops nothing, and the others are told all the same. */
export class PoolEventEmitter extends EventEmitter<PoolEvents> {
  override emit<K>(
    event: K | keyof PoolEvents,
    ...values: K extends keyof PoolEvents ? PoolEvents[K] : never
  ): boolean {
    return tellListeners(this, event, values);
  }
}
