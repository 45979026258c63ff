import type {
  HostOptions,
  HostsOptions,
  LoadBalanceHosts,
  TargetSessionAttrs,
} from "../config/session-target.ts";
import { classifyError, type ErrorKind } from "../errors/classify.ts";
import { WrongRoleError } from "../errors/errors.ts";
import { fits, HOST_RANKS, Host, type HostRank, type HostRole, wantsPrimary } from "./host.ts";

/** What says that a server is not there, or not yet. Whatever else it says, it is there. */
const AWAY: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  "connection_refused",
  "connection_lost",
  "dns",
  "not_accepting",
  "shutting_down",
  "starting_up",
  "timeout",
  "tls",
]);

/** One of several servers, for whoever looks. */
export interface SeenServer {
  /** `db.internal:5432`. */
  readonly server: string;
  readonly role: HostRole;
  readonly rank: HostRank;
  /** As eight digits, where it was seen to be a primary. */
  readonly timeline?: string;
  /** A primary whose place another host has taken: it writes an older timeline than that one. Absent where that is not known. */
  readonly isStale?: boolean;
  /** Why it could not be reached last. */
  readonly failure?: ErrorKind;
  /** For how long its role, and whether it can be reached, have been so, in milliseconds. */
  readonly unchangedMs: number;
  /** How often it was seen as a primary after a standby, or the other way round. */
  readonly roleChanges: number;
}

/** One of several servers, for whoever looks at the pool. */
export interface PoolHost extends SeenServer {
  /** The pool's connections to it, idle and in use. */
  readonly connections: number;
}

export interface HostsListener {
  /** A host could not be reached, or is not the one that is wanted; told once until that changes. */
  onFailed?(host: Host, error: unknown): void;
  onRoleChanged?(host: Host, from: HostRole): void;
  /** A host that says it is the primary is on an older timeline than another. */
  onStale?(host: Host, newestTimeline: string): void;
  /** Another host may be the right one now. */
  onChange?(): void;
}

/** What a server has said of itself. */
export interface SeenHost {
  readonly role: HostRole;
  readonly isReadOnlyByDefault?: boolean | undefined;
  readonly timeline?: string | undefined;
  readonly system?: string | undefined;
}

/**
 * Several servers of which one is the right one at a time. What any connection learns of them serves all: it ranks them, and each
 * attempt goes to the best by then.
 *
 * The highest timeline that was ever seen is that of the primary: whoever was promoted has begun a new one. A server that writes
 * a lower one goes by an old belief, and gets no connection. That holds within one database cluster: another one, as of pg_upgrade
 * or made from a dump, has begun to count anew.
 */
export class Hosts {
  readonly all: readonly Host[];
  readonly target: TargetSessionAttrs;
  readonly #balances: boolean;
  readonly #listeners = new Set<HostsListener>();
  readonly #told = new WeakMap<Host, string>();
  readonly #toldStale = new WeakSet<Host>();
  /** Of each cluster, by its system identifier; of servers that do not tell theirs together. */
  readonly #newestTimelines = new Map<string | undefined, string>();

  constructor(
    hosts: readonly HostOptions[],
    target: TargetSessionAttrs = "any",
    balance: LoadBalanceHosts = "disable",
  ) {
    this.all = hosts.map((each) => new Host(each));
    this.target = target;
    this.#balances = balance === "random";
  }

  /** @returns what ends it. */
  listen(listener: HostsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param hangsAfterMs an attempt that takes longer makes the host count as failed for the next. */
  rankOf(host: Host, hangsAfterMs = Number.POSITIVE_INFINITY): HostRank {
    if (host.failure !== undefined || host.hangs(hangsAfterMs)) return "failed";
    if (this.isStale(host)) return "wrong";
    const isRight = fits(host, this.target);
    return isRight === undefined ? "unknown" : isRight ? "right" : "wrong";
  }

  /** The host that the next attempt goes to. Of those that are as good, the first; of those that would not do, the one that was tried longest ago. */
  pick(hangsAfterMs?: number): Host {
    const ranked = this.all.map((host) => ({
      host,
      rank: HOST_RANKS.indexOf(this.rankOf(host, hangsAfterMs)),
    }));
    const best = Math.min(...ranked.map(({ rank }) => rank));
    const equals = ranked.filter(({ rank }) => rank === best).map(({ host }) => host);
    const [first] = equals;
    if (first === undefined) throw new Error("there are no hosts");
    if (best >= HOST_RANKS.indexOf("wrong"))
      return equals.reduce((oldest, each) => (each.triedAtMs < oldest.triedAtMs ? each : oldest));
    return this.#balances ? (equals[Math.floor(Math.random() * equals.length)] ?? first) : first;
  }

  /** Whether it is the right one as it was seen, and not for want of a reason against it. */
  isKnownRight(host: Host): boolean {
    return host.role !== "unknown" && this.rankOf(host) === "right";
  }

  /** Whether there is a host that is a better choice than this one. */
  hasBetterThan(host: Host): boolean {
    const rank = HOST_RANKS.indexOf(this.rankOf(host));
    return HOST_RANKS.indexOf(this.rankOf(this.pick())) < rank;
  }

  /** Whether connections to it may serve, as far as is known. One that cannot be reached any more serves whoever has reached it. */
  serves(host: Host): boolean {
    return this.target === "prefer-standby" || (!this.isStale(host) && fits(host, this.target) !== false);
  }

  /** Whether it writes, or wrote when it was last seen, an older timeline than another host. */
  isStale(host: Host): boolean {
    const { role, timeline } = host;
    return (
      wantsPrimary(this.target) &&
      role !== "standby" &&
      timeline !== undefined &&
      timeline < this.#newestTimeline(host)
    );
  }

  #newestTimeline({ system }: Host): string {
    return this.#newestTimelines.get(system) ?? "";
  }

  /** Notes an attempt. @returns what to call at its end. */
  begin(host: Host): (error?: unknown) => void {
    const attempt = { sinceMs: performance.now() };
    host.triedAtMs = attempt.sinceMs;
    host.attempts.add(attempt);
    return (error) => {
      host.attempts.delete(attempt);
      if (error !== undefined) this.noteFailure(host, error);
    };
  }

  noteFailure(host: Host, error: unknown): void {
    const { kind } = classifyError(error);
    const isWrong = error instanceof WrongRoleError;
    if (isWrong || !AWAY.has(kind)) host.become(host.role, undefined);
    else host.become("unknown", kind); // a server that comes back may be another than it was
    if (!isWrong && host.failure === undefined) return;
    const what = isWrong ? "wrong" : "failed";
    if (this.#told.get(host) !== what) {
      this.#told.set(host, what);
      this.#tell((each) => each.onFailed?.(host, error));
    }
    this.#tell((each) => each.onChange?.());
  }

  /** Notes what a server that was reached has said. */
  note(host: Host, seen: SeenHost): void {
    const { role, isReadOnlyByDefault = host.isReadOnlyByDefault, timeline, system = host.system } = seen;
    const before = host.role;
    host.become(role, undefined);
    host.isReadOnlyByDefault = isReadOnlyByDefault;
    if (system !== host.system) host.timeline = undefined;
    host.system = system;
    if (role === "standby") host.timeline = undefined;
    else if (timeline !== undefined) host.timeline = timeline;
    if (timeline !== undefined && timeline > this.#newestTimeline(host))
      this.#newestTimelines.set(system, timeline);
    if (this.rankOf(host) === "right") this.#told.delete(host);
    if (before !== role && before !== "unknown" && role !== "unknown")
      this.#tell((each) => each.onRoleChanged?.(host, before));
    for (const each of this.all) this.#tellStale(each);
    this.#tell((each) => each.onChange?.());
  }

  /**
   * Judges a server that has just let somebody in.
   *
   * @throws {WrongRoleError} it is not the one that is wanted.
   */
  admit(host: Host, seen: SeenHost): void {
    this.note(host, seen);
    if (this.isStale(host)) {
      throw new WrongRoleError(
        `${host.name} writes timeline ${host.timeline}, and another host ${this.#newestTimeline(host)}: it is a primary no longer, and does not know`,
      );
    }
    if (fits(host, this.target) !== false) return;
    const others = this.all.filter((each) => each !== host);
    const mayBeRight = others.some((each) => ["right", "unknown"].includes(this.rankOf(each)));
    if (this.target === "prefer-standby" && !mayBeRight) return;
    const all = [host, ...others].flatMap((each) => each.seenAs ?? []).join(", ");
    throw new WrongRoleError(`${all}, and target_session_attrs=${this.target} wants another`);
  }

  list(): SeenServer[] {
    const nowMs = performance.now();
    return this.all.map((host) => ({
      server: host.name,
      role: host.role,
      rank: this.rankOf(host),
      ...(host.timeline !== undefined && { timeline: host.timeline }),
      ...(this.isStale(host) && { isStale: true }),
      ...(host.failure !== undefined && { failure: host.failure }),
      unchangedMs: Math.round(nowMs - host.sinceMs),
      roleChanges: host.roleChanges,
    }));
  }

  #tellStale(host: Host): void {
    if (!this.isStale(host)) this.#toldStale.delete(host);
    else if (!this.#toldStale.has(host)) {
      this.#toldStale.add(host);
      this.#tell((each) => each.onStale?.(host, this.#newestTimeline(host)));
    }
  }

  #tell(what: (listener: HostsListener) => void): void {
    for (const listener of [...this.#listeners]) what(listener);
  }
}

const known = new WeakMap<readonly HostOptions[], Hosts>();

/** The hosts of these options, and of all that were copied from them; undefined where there is one server, whatever it is. */
export function hostsOf({ hosts, targetSessionAttrs, loadBalanceHosts }: HostsOptions): Hosts | undefined {
  if (hosts === undefined || hosts.length === 0) return undefined;
  const found = known.get(hosts) ?? new Hosts(hosts, targetSessionAttrs, loadBalanceHosts);
  known.set(hosts, found);
  return found;
}

/** The same options for one host. It keeps all properties, those that are not enumerable too, such as the password. */
export function optionsAt<T extends object>(options: T, { options: at }: Host): T {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(options)) as T;
  for (const name of ["host", "port", "ssl"] as const)
    Object.defineProperty(copy, name, {
      value: at[name],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return copy;
}
