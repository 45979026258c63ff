import type pg from "pg";
import {
  AcquireTimeoutError,
  CommitUnknownError,
  PoolClosedError,
  PoolSaturatedError,
  StatementTimeoutError,
} from "../../src/errors/errors.ts";
import { isAlive } from "../../src/pg/internals.ts";
import type { Pool } from "../../src/pool.ts";
import { isKnownFailure } from "../model/calls.ts";
import { rulesOfFigures, rulesOfTotals } from "../model/rules.ts";
import type { Link } from "./link.ts";
import type { SimulatedServer } from "./server.ts";
import type { SimulatedSocket } from "./socket.ts";
import { EPOCH_MS, type VirtualTime } from "./virtual-time.ts";

/** What a caller was told of a write. */
export type Outcome = "done" | "not" | "unknown";

interface Told {
  readonly outcome: Outcome;
  /** Whether its caller has said that twice does no harm. */
  readonly isIdempotent: boolean;
}

export interface Violation {
  /** The rule in a word, by which lives are counted. */
  readonly rule: string;
  readonly what: string;
}

export interface WitnessOptions {
  readonly pool: Pool;
  readonly server: SimulatedServer;
  readonly time: VirtualTime;
  readonly max: number;
  /** 0 means for ever. */
  readonly maxLifetimeMs: number;
  /** What a session is when it is as new. */
  readonly newSession: string;
  /** Nothing befalls this life. */
  readonly isCalm: boolean;
  readonly isTraced: boolean;
  /** New connections are sometimes refused by the application itself. */
  readonly hookFails: boolean;
}

/** A call of the pool's that its caller awaits. */
export interface Call {
  readonly name: string;
  readonly startedAtMs: number;
  /** Neither served nor settled. */
  isWaiting: boolean;
  /** Who calls may get these errors for reasons of their own. */
  readonly ownCodes: readonly string[];
  readonly limitMs: number;
  /** Connecting has failed before it, and has not succeeded since: the pool may tell it earlier that it waits in vain. */
  readonly isWhileAway: boolean;
}

/** What the application's own hook fails with. */
export const HOOK_CODE = "HOOK";
/** A connection that nobody has used for so long is free, if it is anything. */
const QUIET_MS = 25;
/** So long nobody may wait beside a free connection. */
const BESIDE_FREE_MS = 50;
/** A connection that nobody has used for so long is tested first. */
const UNSEEN_MS = 1_000;
/** Beside such ones a caller may wait so much longer: until the test of one that is dead is late. */
const LATE_TEST_MS = 100;
/** So long nobody may wait while one more could be opened: the backoff after a failure, and the connect. */
const BESIDE_ROOM_MS = 700;
/** Connections are replaced from this part of their lifetime on. */
const YOUNG_PART = 0.9;
/** So long everybody may wait for a connect, also where the server has been away for longer than anybody waits. */
const AWAY_MS = 500;
/** By so much a timer is late only when the loop was blocked. */
const LATE_MS = 20;

/** Looks at everything that happens, and says what may not be. */
export class Witness {
  readonly violations: Violation[] = [];
  readonly trace: string[] = [];
  /** Statements that were left running at the release. */
  leftRunning = 0;
  /** Connections that their holders have returned with an error of their own. */
  returnedWithError = 0;
  /** Since when nothing can have kept the pool from opening one more. */
  #roomSinceMs: number | undefined;
  #isAway = false;
  /** What was opened before is replaced, and lent to nobody. */
  #retiredAtMs = Number.NEGATIVE_INFINITY;
  readonly #options: WitnessOptions;
  readonly #told = new Map<string, Told>();
  readonly #calls = new Map<string, Call>();
  readonly #held = new Set<pg.PoolClient>();
  #connected: pg.PoolClient[] = [];
  readonly #besideFreeSinceMs = new Map<Call, number>();
  #ceiling: number;
  /** The figures as they were when they were last looked at. */
  #figures = "";
  #errors: unknown[] = [];
  #served = 0;
  #queries = 0;
  hasEnded = false;
  /** From when on the pool cuts what is under way. */
  #cutsAtMs = Number.POSITIVE_INFINITY;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.#ceiling = options.max;
    const { pool } = options;
    pool.on("connect", (client) => {
      this.#connected.push(client);
      this.#isAway = false;
    });
    pool.events.on("connectFailed", () => {
      this.#isAway = true;
    });
    pool.events.on("retired", () => {
      this.#retiredAtMs = this.#options.time.processMs;
    });
    pool.on("acquire", (client) => {
      if (this.#held.has(client)) this.violate("two holders", "a connection is checked out to two holders");
      this.#held.add(client);
    });
    pool.on("release", (_error, client) => this.#held.delete(client));
  }

  /** @param line is asked for only where somebody wants to read it. */
  note(line: () => string): void {
    if (this.#options.isTraced)
      this.trace.push(`${(this.#options.time.worldMs - EPOCH_MS).toFixed(1)} ${line()}`);
  }

  violate(rule: string, what: string): void {
    this.violations.push({ rule, what });
    this.note(() => `VIOLATION ${rule}: ${what}`);
  }

  /** A call begins. It waits until its statement is sent (`onParameter`), or `served` is called. */
  call(name: string, { ownCodes = [], limitMs }: { ownCodes?: readonly string[]; limitMs: number }): Call {
    const call = {
      name,
      startedAtMs: this.#options.time.processMs,
      isWaiting: true,
      ownCodes,
      limitMs,
      isWhileAway: this.#isAway,
    };
    this.#calls.set(name, call);
    return call;
  }

  onParameter(parameter: string): void {
    const call = this.#calls.get(parameter);
    if (call !== undefined) this.served(call);
  }

  served(call: Call): void {
    call.isWaiting = false;
    this.#calls.delete(call.name);
    this.#besideFreeSinceMs.delete(call);
  }

  countServed(): void {
    this.#served++;
  }

  countQuery(): void {
    this.#queries++;
  }

  /** The pool is ended, and waits so long for what is under way. */
  ended(timeoutMs: number): void {
    this.hasEnded = true;
    this.#cutsAtMs = Math.min(this.#cutsAtMs, this.#options.time.processMs + timeoutMs);
  }

  resized(max: number): void {
    this.#ceiling = Math.max(max, this.#ceiling);
  }

  /** A call has failed. @param gaveUp the error is the reason that its caller gave. */
  failed(call: Call, error: unknown, gaveUp: boolean): void {
    const wasWaiting = call.isWaiting;
    this.served(call);
    this.note(() => `${call.name} failed: ${describe(error)}`);
    if (gaveUp) return;
    this.#errors.push(error);
    const { pool, time, isCalm, hookFails } = this.#options;
    const elapsedMs = time.processMs - call.startedAtMs;
    if (error instanceof AcquireTimeoutError && wasWaiting) {
      const leastMs = call.isWhileAway ? Math.min(call.limitMs, AWAY_MS) : call.limitMs;
      if (elapsedMs < leastMs - 2)
        this.violate("early timeout", `${call.name} timed out after ${elapsedMs} ms`);
      if (elapsedMs - call.limitMs > LATE_MS && !hookFails && this.#freeLinks(0).length > 0)
        this.violate("blocked loop", `${call.name} timed out beside a connection that had come free`);
      // While the process stood still it could open none.
      const roomMs =
        this.#roomSinceMs === undefined
          ? 0
          : time.processMs - Math.max(this.#roomSinceMs, call.startedAtMs, time.heldUntilMs);
      if (roomMs > BESIDE_ROOM_MS)
        this.violate(
          "beside room",
          `${call.name} timed out, and for ${roomMs} ms one more could have been opened`,
        );
    }
    if (error instanceof PoolClosedError && !this.hasEnded)
      this.violate("wrong word", `${call.name} is told of an end that is none`);
    const code = codeOf(error);
    if (code === HOOK_CODE) return;
    if (!isKnownFailure(error) && !call.ownCodes.includes(code ?? ""))
      this.violate("wrong word", `${call.name} failed for no known reason: ${describe(error)}`);
    if (code === "57014" && !this.hasEnded)
      this.violate("cancelled by mistake", `${call.name}: ${describe(error)}`);
    const isRefusal =
      error instanceof AcquireTimeoutError ||
      error instanceof PoolSaturatedError ||
      error instanceof PoolClosedError;
    const isCut = time.processMs >= this.#cutsAtMs;
    if (isCalm && !isCut && !isRefusal && !call.ownCodes.includes(code ?? ""))
      this.violate("fails for nothing", `${call.name} failed although nothing befell it: ${describe(error)}`);
    void pool;
  }

  /** A read's outcome is never in doubt. */
  failedRead(call: Call, error: unknown): void {
    if (error instanceof CommitUnknownError)
      this.violate("read in doubt", `${call.name} was told as unknown: ${describe(error)}`);
  }

  /** A caller is told what became of a write. */
  tell(
    key: string,
    outcome: Outcome,
    { error, isIdempotent = false }: { error?: unknown; isIdempotent?: boolean } = {},
  ): void {
    this.note(() => `${key} is told as ${outcome}`);
    this.#told.set(key, { outcome, isIdempotent });
    const { ledger } = this.#options.server;
    if (!(error instanceof CommitUnknownError)) return;
    if (!ledger.isCommitSent(key))
      this.violate("unknown, though never sent", `${key}: its COMMIT has not left the client`);
    else if (ledger.isAnswered(key))
      this.violate("unknown, though answered", `${key}: ${describe(error.cause)}`);
  }

  /** What a holder finds in a session. */
  look(name: string, state: string | null): void {
    const { newSession } = this.#options;
    if (state !== newSession)
      this.violate("session passed on", `${name} found [${state}], not [${newSession}]`);
  }

  /** At the end of each turn of the event loop. */
  check(): void {
    const { pool, server, time, hookFails } = this.#options;
    const { totalCount, idleCount, waitingCount, connectingCount, closingCount, max } = pool.getStats();
    if (totalCount + closingCount <= max) this.#ceiling = max;
    this.#connected = this.#connected.filter(isAlive);
    let checkedOut = 0;
    for (const client of this.#held) if (isAlive(client)) checkedOut++;
    const open = this.#connected.length;
    // Mostly nothing has changed since the last turn.
    const figures = `${totalCount} ${idleCount} ${waitingCount} ${connectingCount} ${closingCount} ${open} ${checkedOut}`;
    if (figures !== this.#figures) {
      this.#figures = figures;
      const seen = { open, checkedOut, ceiling: this.#ceiling, hasEnded: this.hasEnded };
      for (const [rule, holds] of rulesOfFigures(pool, seen))
        if (!holds) this.violate("figures", `${rule}: ${JSON.stringify(pool.getStats())}`);
    }
    const hasRoom = totalCount + closingCount < max && !server.isTroubled && !hookFails && !this.hasEnded;
    if (!hasRoom) this.#roomSinceMs = undefined;
    else this.#roomSinceMs ??= time.processMs;
    if (this.#calls.size > 0 && !hookFails) this.#checkWaiters();
  }

  #checkWaiters(): void {
    const { time } = this.#options;
    const free = this.#freeLinks(QUIET_MS);
    if (free.length === 0) return void this.#besideFreeSinceMs.clear();
    const areUnseen = free.every(({ usedAtMs }) => time.worldMs - usedAtMs > UNSEEN_MS);
    const limitMs = areUnseen ? LATE_TEST_MS + BESIDE_FREE_MS : BESIDE_FREE_MS;
    for (const call of this.#calls.values()) {
      if (!call.isWaiting) continue;
      const sinceMs = this.#besideFreeSinceMs.get(call);
      if (sinceMs === undefined) this.#besideFreeSinceMs.set(call, time.processMs);
      else if (time.processMs - sinceMs > limitMs) {
        this.violate("beside a free connection", `${call.name} waits beside a connection that is free`);
        this.#besideFreeSinceMs.delete(call);
        call.isWaiting = false;
      }
    }
  }

  /** Connections that nobody holds or uses, that work, are as new, and not so old that they are replaced. */
  #freeLinks(quietMs: number): Link[] {
    const { server, time, newSession, maxLifetimeMs } = this.#options;
    const isOld = ({ openedAtMs }: Link) =>
      openedAtMs <= this.#retiredAtMs ||
      (maxLifetimeMs > 0 && time.processMs - openedAtMs > YOUNG_PART * maxLifetimeMs);
    const held = new Set([...this.#held].map(socketOf));
    const known = new Set(this.#connected.map(socketOf));
    return [...server.links].filter((link) => {
      const { socket } = link;
      if (!socket.isOpen || held.has(socket) || !known.has(socket) || !link.isQuiet) return false;
      if (isOld(link) || time.worldMs - link.usedAtMs < quietMs) return false;
      const backend = server.backendOf(link);
      return backend?.isIdle === true && backend.session.state === newSession;
    });
  }

  /** When all is over. */
  conclude(): void {
    const { server, pool, isCalm } = this.#options;
    for (const [key, { outcome, isIdempotent }] of this.#told) {
      const times = server.ledger.timesCommitted(key);
      if (times > 1 && !isIdempotent) this.violate("doubled write", `${key} was kept ${times} times`);
      if (outcome === "done" && times === 0) this.violate("lost write", `${key} was told as done`);
      if (outcome === "not" && times > 0) this.violate("kept, told as not", `${key}`);
    }
    for (const [rule, holds] of rulesOfTotals(pool, {
      errors: this.#errors,
      served: this.#served,
      queries: this.#queries,
    }))
      if (!holds) this.violate("totals", `${rule}: ${JSON.stringify(pool.getTotals())}`);
    if (!isCalm) return;
    const {
      lost = 0,
      ping_failed = 0,
      reset_failed = 0,
      error = 0,
      statement_running = 0,
    } = pool.getTotals().destroyed;
    const forNothing = lost + ping_failed + reset_failed;
    if (forNothing > 0 || error > this.returnedWithError || statement_running > this.leftRunning) {
      const reasons = JSON.stringify(pool.getTotals().destroyed);
      this.violate("destroyed for nothing", `${reasons}; ${this.leftRunning} statements were left running`);
    }
  }
}

function socketOf(client: pg.PoolClient): SimulatedSocket {
  return client.connection.stream as unknown as SimulatedSocket;
}

export function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const detail = error instanceof StatementTimeoutError ? ` (outcomeKnown ${error.outcomeKnown})` : "";
  const cause = error.cause instanceof Error ? ` <- ${describe(error.cause)}` : "";
  return `${codeOf(error) ?? error.name} ${error.message.slice(0, 80)}${detail}${cause}`;
}
