import { createHash } from "node:crypto";
import { hasInertLiterals } from "../sql/inert-literals.ts";
import type { StatementTotals } from "../telemetry/stats.ts";

/** From which execution on a text has a name. */
const NAMED_FROM = 2;
/** How many named statements a connection keeps; each costs the server some ten kilobytes. */
const KEPT_PER_CONNECTION = 100;
/** Of each of two generations of texts: how many are counted, and how many characters they may have together. */
const COUNTED_TEXTS = 500;
const COUNTED_CHARACTERS = 500_000;
/** How long a name stands for what the server has parsed, in milliseconds: somebody else's migration may change that. */
const MAX_AGE_MS = 60_000;
/** Longer texts are counted no more than once: rows of a bulk insert, which do not come again. */
const LONGEST_TEXT = 16_384;
/** A pooler that loses names is told from an accident by so many losses, and so many of a hundred executions. */
const LOSSES = 10;
const LOSSES_PERCENT = 5;

/** Only these are planned, so only these gain; and only they return the same columns each time. */
export const PLANNED = /^\s*(select|insert|update|delete|with|values|merge)\b/i;

interface Counted {
  executions: number;
  name: string | undefined;
}

export interface StatementOptions {
  /** Stops when a pooler in between does not keep what it was given. */
  readonly autoDisable?: boolean;
  readonly namedFrom?: number;
  readonly keptPerConnection?: number;
  readonly maxAgeMs?: number;
  /** Hears of it, once, with the names that were lost until then. */
  readonly onOff?: (losses: number, reason: "names_lost" | "pooler") => void;
}

/**
 * Which texts have a name, for all connections of a pool. The name follows from the text, so that it means the same on every
 * connection. The memory is bounded: texts of the younger half push out the older half.
 */
export class StatementNames {
  readonly keptPerConnection: number;
  readonly maxAgeMs: number;
  readonly #namedFrom: number;
  readonly #autoDisable: boolean;
  readonly #onOff: NonNullable<StatementOptions["onOff"]>;
  #younger = new Map<string, Counted>();
  #older = new Map<string, Counted>();
  #characters = 0;
  #losses = 0;
  #off: "names_lost" | "pooler" | undefined;
  /** Connections give up what they had prepared in an earlier one. */
  epoch = 0;
  hits = 0;
  prepared = 0;
  evicted = 0;
  givenUp = 0;

  constructor({
    autoDisable = false,
    namedFrom = NAMED_FROM,
    keptPerConnection = KEPT_PER_CONNECTION,
    maxAgeMs = MAX_AGE_MS,
    onOff = () => {},
  }: StatementOptions = {}) {
    this.#autoDisable = autoDisable;
    this.#onOff = onOff;
    this.#namedFrom = namedFrom;
    this.keptPerConnection = keptPerConnection;
    this.maxAgeMs = maxAgeMs;
  }

  get isOff(): boolean {
    return this.#off !== undefined;
  }

  get totals(): StatementTotals {
    const { hits, prepared, evicted, givenUp } = this;
    return { hits, prepared, evicted, givenUp, off: this.#off };
  }

  /**
   * Counts an execution.
   *
   * @param path where tables are looked for, if not where they usually are.
   * @returns the name to use for it, if it has come to have one.
   */
  nameOf(text: string, path = ""): string | undefined {
    if (this.isOff || text.length > LONGEST_TEXT) return undefined;
    const counted = this.#younger.get(text) ?? this.#count(text);
    if (counted.name === undefined && ++counted.executions >= this.#namedFrom)
      counted.name = isNamable(text) ? nameFor(text) : "";
    if (!counted.name) return undefined;
    return path === "" ? counted.name : nameFor(`${path}\0${text}`);
  }

  /** The name of a text that will be executed often, or none where names are off. */
  nameImmediately(text: string): string {
    if (this.isOff) return "";
    const counted = this.#younger.get(text) ?? this.#count(text);
    counted.name ??= nameFor(text);
    return counted.name;
  }

  /** What is prepared may return other types now. */
  invalidateAll(): void {
    this.epoch++;
  }

  /** The server did not know a name that it was given, or knew it already. */
  recordMissing(): void {
    this.#losses++;
    const tooMany = this.#losses > LOSSES && this.#losses * 100 > this.hits * LOSSES_PERCENT;
    if (!this.#autoDisable || !tooMany) return;
    this.#turnOff("names_lost");
  }

  /** A pooler was found that shares sessions: whether it keeps names shows only where one is lost, so only who knows turns them on. */
  distrust(): void {
    if (this.#autoDisable) this.#turnOff("pooler");
  }

  #turnOff(reason: "names_lost" | "pooler"): void {
    if (this.isOff) return;
    this.#off = reason;
    this.#onOff(this.#losses, reason);
  }

  #count(text: string): Counted {
    const counted = this.#older.get(text) ?? { executions: 0, name: undefined };
    const isFull = this.#characters + text.length > COUNTED_CHARACTERS;
    if (isFull || this.#younger.size >= COUNTED_TEXTS) {
      this.#older = this.#younger;
      this.#younger = new Map();
      this.#characters = 0;
    }
    this.#characters += text.length;
    this.#younger.set(text, counted);
    return counted;
  }
}

function isNamable(text: string): boolean {
  return PLANNED.test(text) && hasInertLiterals(text);
}

function nameFor(text: string): string {
  return `auto_${hashOf(text)}`;
}

/** As many characters as tell texts apart, in a name that the server does not cut. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
