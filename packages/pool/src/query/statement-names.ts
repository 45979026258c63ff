import { createHash } from "node:crypto";
import type { StatementTotals } from "../telemetry/stats.ts";

/** From which execution on a text has a name. */
const NAMED_FROM = 2;
/** How many named statements a connection keeps; each costs the server some ten kilobytes. */
const KEPT_PER_CONNECTION = 100;
/** How many texts are counted at least, before those that have not been seen for longest are forgotten. */
const COUNTED_TEXTS = 500;
/** Longer texts are counted no more than once: rows of a bulk insert, which do not come again. */
const LONGEST_TEXT = 16_384;
/** A pooler that loses names is told from an accident by so many losses, and so many of a hundred executions. */
const LOSSES = 10;
const LOSSES_PERCENT = 5;

/** Only these are planned, so only these gain. */
const PLANNED = /^\s*(select|insert|update|delete|with|values|merge)\b/i;

interface Counted {
  executions: number;
  name: string | undefined;
}

export interface StatementOptions {
  /** Stops when a pooler in between does not keep what it was given. */
  readonly autoDisable?: boolean;
  readonly namedFrom?: number;
  readonly keptPerConnection?: number;
}

/**
 * Which texts have a name, for all connections of a pool. The name follows from the text, so that it means the same on every
 * connection. The memory is bounded: texts of the younger half push out the older half.
 */
export class StatementNames {
  readonly keptPerConnection: number;
  readonly #namedFrom: number;
  readonly #autoDisable: boolean;
  #younger = new Map<string, Counted>();
  #older = new Map<string, Counted>();
  #losses = 0;
  #isOff = false;
  /** Connections give up what they had prepared in an earlier one. */
  epoch = 0;
  hits = 0;
  prepared = 0;
  evicted = 0;

  constructor({
    autoDisable = false,
    namedFrom = NAMED_FROM,
    keptPerConnection = KEPT_PER_CONNECTION,
  }: StatementOptions = {}) {
    this.#autoDisable = autoDisable;
    this.#namedFrom = namedFrom;
    this.keptPerConnection = keptPerConnection;
  }

  get totals(): StatementTotals {
    const { hits, prepared, evicted } = this;
    return { hits, prepared, evicted };
  }

  /** Counts an execution. @returns the name to use for it, if it has come to have one. */
  nameOf(text: string): string | undefined {
    if (this.#isOff || text.length > LONGEST_TEXT) return undefined;
    const counted = this.#younger.get(text) ?? this.#count(text);
    if (counted.name !== undefined) return counted.name || undefined;
    counted.executions++;
    if (counted.executions >= this.#namedFrom) counted.name = PLANNED.test(text) ? nameFor(text) : "";
    return counted.name || undefined;
  }

  /** The name of a text that will be executed often, or none where names are off. */
  nameImmediately(text: string): string {
    if (this.#isOff) return "";
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
    if (this.#autoDisable && tooMany) this.#isOff = true;
  }

  #count(text: string): Counted {
    const counted = this.#older.get(text) ?? { executions: 0, name: undefined };
    if (this.#younger.size >= COUNTED_TEXTS) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(text, counted);
    return counted;
  }
}

function nameFor(text: string): string {
  return `auto_${createHash("sha256").update(text).digest("base64url").slice(0, 22)}`;
}
