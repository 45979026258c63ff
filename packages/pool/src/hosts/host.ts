import { type HostOptions, hostName, type TargetSessionAttrs } from "../config/session-target.ts";
import type { ErrorKind } from "../errors/classify.ts";

export type HostRole = "primary" | "standby" | "unknown";

/** How good a choice a host is, the best first. None is excluded: where there is no better one, the worst is tried. */
export const HOST_RANKS = ["right", "unknown", "wrong", "failed"] as const;
export type HostRank = (typeof HOST_RANKS)[number];

/** What is known of one of several servers. */
export class Host {
  readonly options: HostOptions;
  readonly name: string;
  role: HostRole = "unknown";
  /** It lets nobody write who does not ask for it: `default_transaction_read_only`. */
  isReadOnlyByDefault = false;
  /** The timeline that it was last seen to write, as eight digits; undefined as long as it was not seen to be a primary. */
  timeline: string | undefined;
  /** Which database cluster it belongs to, its `system_identifier`; undefined as long as it has not said. */
  system: string | undefined;
  /** Why it could not be reached last, if it could not. */
  failure: ErrorKind | undefined;
  /** Since when it has had this role, and could be reached or not, on the clock of `performance.now()`. */
  sinceMs = performance.now();
  /** How often it was seen as a primary after a standby, or the other way round; that nobody knew meanwhile hides none. */
  roleChanges = 0;
  #lastRole: HostRole = "unknown";
  /** When it was last tried, on the clock of `performance.now()`. */
  triedAtMs = Number.NEGATIVE_INFINITY;
  /** When the attempts under way began. */
  readonly attempts = new Set<{ readonly sinceMs: number }>();

  constructor(options: HostOptions) {
    this.options = options;
    this.name = hostName(options);
  }

  /** What it was last seen to be, for an error; undefined where nothing is known. */
  get seenAs(): string | undefined {
    if (this.failure !== undefined) return `${this.name} cannot be reached (${this.failure})`;
    if (this.role === "unknown") return undefined;
    return `${this.name} is a ${this.role}${this.isReadOnlyByDefault ? " whose transactions are read-only" : ""}`;
  }

  /** Takes what was learnt of it, and notes since when it is so. */
  become(role: HostRole, failure: ErrorKind | undefined): void {
    const isOther = role !== this.role || (failure === undefined) !== (this.failure === undefined);
    if (isOther) this.sinceMs = performance.now();
    this.role = role;
    this.failure = failure;
    if (role === "unknown") return;
    if (this.#lastRole !== "unknown" && this.#lastRole !== role) this.roleChanges++;
    this.#lastRole = role;
  }

  /** Whether an attempt has been under way for so long that the next had better go elsewhere. */
  hangs(afterMs: number): boolean {
    const nowMs = performance.now();
    for (const { sinceMs } of this.attempts) if (nowMs - sinceMs >= afterMs) return true;
    return false;
  }
}

/** Whether a server is the one that is wanted; undefined while its role is not known. `prefer-standby` takes another where there is none. */
export function fits(
  { role, isReadOnlyByDefault }: Pick<Host, "role" | "isReadOnlyByDefault">,
  target: TargetSessionAttrs,
): boolean | undefined {
  if (target === "any") return true;
  if (role === "unknown") return undefined;
  switch (target) {
    case "primary":
      return role === "primary";
    case "read-write":
      return role === "primary" && !isReadOnlyByDefault;
    case "read-only":
      return role === "standby" || isReadOnlyByDefault;
    case "standby":
    case "prefer-standby":
      return role === "standby";
  }
}

/** Whether only the one server that takes writes is wanted, of which there is one at a time. */
export function wantsPrimary(target: TargetSessionAttrs): boolean {
  return target === "primary" || target === "read-write";
}
